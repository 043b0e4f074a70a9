//! What the enums of words have in common: names both ways, unknown words kept.

/// Makes an enum of words that servers send: `from_name` in any letter case, `name`, `ALL`, `FromStr` (which never
/// fails), `From<&str>`, `Display`. A word that is not in the table is `Other` and keeps its text.
macro_rules! words {
    (
        $(#[$outer:meta])*
        $vis:vis enum $enum:ident { $($variant:ident = $number:literal, $name:literal, $meaning:literal;)* }
    ) => {
        $(#[$outer])*
        ///
        /// A word that is not in the table (servers grow new ones) is [`Other`](Self::Other), never an error.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $enum {
            $(#[doc = concat!("`", $name, "`: ", $meaning)] $variant,)*
            /// A word that is not in the table, as it came.
            Other(Box<str>),
        }

        impl $enum {
            /// Every word of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }

            /// One line on what it says; `None` for a word that is not in the table.
            #[must_use]
            pub const fn meaning(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($meaning),)*
                    Self::Other(_) => None,
                }
            }

            /// The server's number; `None` for a word that is not in the table.
            #[must_use]
            pub const fn number(&self) -> Option<u16> {
                match self {
                    $(Self::$variant => Some($number),)*
                    Self::Other(_) => None,
                }
            }

            /// The word with this number; `None` for one that is not in the table.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Finds a word in any letter case; `None` for one that is not in the table.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                // The server's own spelling first: compiled to a switch on length and bytes.
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => Self::ALL.iter().find(|word| word.name().eq_ignore_ascii_case(name)).cloned(),
                }
            }
        }

        impl From<&str> for $enum {
            fn from(name: &str) -> Self {
                Self::from_name(name).unwrap_or_else(|| Self::Other(name.into()))
            }
        }

        impl std::str::FromStr for $enum {
            type Err = std::convert::Infallible;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(name))
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(super) use words;
