//! Completion by the server: `console_complete LINE` lists the words that fit, and the text to write when just one does.

use crate::printable::is_harmful;

/// What the server offers at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Offer {
    /// The words that fit, as the server lists them.
    pub(crate) words: Vec<String>,
    /// That many characters before the cursor go, and the text comes in their place.
    pub(crate) write: Option<(usize, String)>,
}

/// The arguments of `console_complete` for a line and the cursor's position in it (bytes).
pub(crate) fn request(line: &str, cursor: usize) -> String {
    // With the cursor inside the line, the server is told where it is, in front of the line up to there.
    match line.split_at_checked(cursor) {
        Some((before, after)) if !after.is_empty() => format!("c={cursor};{}", before.trim_start()),
        _ => line.trim_start().to_owned(),
    }
}

impl Offer {
    /// Reads the reply: `[ word]` cells in rows, and at the end `write=COUNT:TEXT`.
    pub(crate) fn read(reply: &str) -> Self {
        let (list, write) = match reply.split_once("\n\nwrite=") {
            Some((list, write)) => (list, Some(write)),
            None => (reply, None),
        };
        let write = write.and_then(|text| {
            let (count, text) = text.split_once(':')?;
            Some((count.trim().parse().ok()?, text.to_owned()))
        });
        let cells =
            list.split(['\t', '\n']).filter_map(|cell| cell.trim().strip_prefix('[')?.strip_suffix(']'));
        // What cannot be typed is no word: an offer goes into the line as it is.
        let typed = |text: &str| !text.is_empty() && !text.contains(is_harmful);
        let words = cells.map(|word| word.trim().to_owned()).filter(|word| typed(word)).collect();
        let write = write.filter(|(_, text): &(usize, String)| typed(text));
        Self { words, write }
    }

    /// Where the replaced text begins in the line, and what can stand there.
    pub(crate) fn candidates(self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or(line);
        let word = before.rfind(' ').map_or(0, |blank| blank + 1);
        match self.write {
            Some((count, text)) if self.words.len() <= 1 => {
                let start = before.char_indices().rev().nth(count.wrapping_sub(1)).map_or(0, |(at, _)| at);
                (if count == 0 { before.len() } else { start }, vec![text])
            }
            _ => (word, self.words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_and_a_single_word() {
        let offer = Offer::read("\n\n[              unload]\t[              uptime]\t\n\nwrite=1:u");
        assert_eq!(offer.words, ["unload", "uptime"]);
        assert_eq!(offer.candidates("show u", 6), (5, vec!["unload".to_owned(), "uptime".to_owned()]));
        let offer = Offer::read("\n\n[              uptime]\t\n\nwrite=3:uptime ");
        assert_eq!(offer.candidates("upt", 3), (0, vec!["uptime ".to_owned()]));
        assert_eq!(Offer::read("").candidates("x", 1), (0, vec![]));
        // A count beyond the line replaces all of it, and a cursor inside a character is taken as the line's end.
        assert_eq!(Offer::read("\n\nwrite=9:zz").candidates("é", 2), (0, vec!["zz".to_owned()]));
        assert_eq!(Offer::read("\n\nwrite=x:zz").write, None);
        let wild = Offer::read("\n\n[ a\u{1b}[2J]\t[ b\u{202e}]\t[ c]\t\n\nwrite=1:\u{7}");
        assert_eq!(wild, Offer { words: vec!["c".to_owned()], write: None });
    }

    #[test]
    fn the_cursor_is_told_when_it_is_inside() {
        assert_eq!(request("show ca", 7), "show ca");
        assert_eq!(request("show calls", 7), "c=7;show ca");
        assert_eq!(request("é", 1), "é".to_owned());
    }
}
