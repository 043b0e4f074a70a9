//! Bytes compared sixty-four at a time ([`Block`], on every processor), and eight at a time for short texts ([`marks`]).
//!
//! A pass over a text is compiled three times for x86-64: for what every such processor has, for AVX2, and for AVX-512; [`widest`]
//! chooses when it runs. What the pass calls must be inlined into it, by order, to be compiled for the same.

use fearless_simd::{Level, Simd, mask8x64, prelude::*, u8x32, u8x64};

/// Sixty-four bytes of a text.
#[derive(Clone, Copy)]
pub(crate) struct Block<S: Simd>(u8x64<S>);

/// What a comparison of a block finds.
#[derive(Clone, Copy)]
pub(crate) struct Marks<S: Simd>(mask8x64<S>);

/// Which of the bytes are marked: a bit each, the first byte's lowest.
pub(crate) type Mask = u64;

/// Runs a pass (an expression with what it is compiled for in it) with the widest comparisons of the processor.
#[cfg(target_arch = "x86_64")]
macro_rules! widest {
    ($simd:ident => $pass:expr) => {
        match $crate::simd::level() {
            fearless_simd::Level::Avx512($simd) => fearless_simd::Simd::vectorize(
                $simd,
                #[inline(always)]
                || $pass,
            ),
            fearless_simd::Level::Avx2($simd) => fearless_simd::Simd::vectorize(
                $simd,
                #[inline(always)]
                || $pass,
            ),
            _ => $crate::simd::common!($simd => $pass),
        }
    };
}
#[cfg(not(target_arch = "x86_64"))]
macro_rules! widest {
    ($simd:ident => $pass:expr) => {
        $crate::simd::common!($simd => $pass)
    };
}
/// Runs a pass with what every processor of this kind has.
macro_rules! common {
    ($simd:ident => $pass:expr) => {
        fearless_simd::dispatch!(fearless_simd::Level::baseline(), $simd => $pass)
    };
}
pub(crate) use {common, widest};

/// What the processor has. (On others than x86-64 it is known when compiled.)
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "there is nothing to choose"))]
#[inline(always)]
pub(crate) fn level() -> Level {
    #[cfg(test)]
    if let Some(level) = tests::FORCED.get() {
        return level;
    }
    Level::new()
}

impl<S: Simd> Block<S> {
    /// Blocks that begin at those distances from `at`, the last one the furthest; `None` when there are too few bytes.
    #[inline(always)]
    pub(crate) fn several<const COUNT: usize>(
        simd: S,
        text: &[u8],
        at: usize,
        distances: [usize; COUNT],
    ) -> Option<[Self; COUNT]> {
        // One look at the length for all of them.
        let text = text.get(at..)?.get(..SIZE + distances[COUNT - 1])?;
        let mut blocks = [Self(u8x64::splat(simd, 0)); COUNT];
        for (block, distance) in blocks.iter_mut().zip(distances) {
            *block = Self::of(simd, text.get(distance..)?.first_chunk()?);
        }
        Some(blocks)
    }

    #[inline(always)]
    fn of(simd: S, bytes: &[u8; SIZE]) -> Self {
        Self(u8x64::load_array_ref(simd, bytes))
    }

    /// The lower one of every two bytes.
    #[inline(always)]
    pub(crate) fn lower(self) -> u8x32<S> {
        let (one, other) = self.0.split();
        one.min(other)
    }

    /// Which bytes are that one.
    #[inline(always)]
    pub(crate) fn is(self, byte: u8) -> Marks<S> {
        Marks(self.0.simd_eq(byte))
    }

    /// Which are that letter, in either case. (Two other characters that differ in that bit count
    /// as the same: callers check what they find.)
    #[inline(always)]
    pub(crate) fn is_letter(self, letter: u8) -> Marks<S> {
        Marks((self.0 | CASE).simd_eq(letter | CASE))
    }

    /// Which may be an `A` or a `1`, the last character of an escaped one. (Seven others count as the same.)
    #[inline(always)]
    pub(crate) fn is_like_a_or_1(self) -> Marks<S> {
        Marks((self.0 | 0x70).simd_eq(0x71))
    }

    /// Which are that byte or a lower one.
    #[inline(always)]
    pub(crate) fn is_at_most(self, byte: u8) -> Marks<S> {
        Marks(self.0.simd_le(byte))
    }
}

impl<S: Simd> Marks<S> {
    #[inline(always)]
    pub(crate) fn none(simd: S) -> Self {
        Self(mask8x64::splat(simd, false))
    }

    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline(always)]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[inline(always)]
    pub(crate) fn mask(self) -> Mask {
        self.0.to_bitmask()
    }

    /// Whether any is marked: cheaper to say than which.
    #[inline(always)]
    pub(crate) fn any(self) -> bool {
        self.0.any_true()
    }
}

/// How many bytes a block has.
pub(crate) const SIZE: usize = 64;
/// The bit that tells the letter cases apart.
const CASE: u8 = 0x20;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Marks the bytes of the word that are `wanted`; the lowest mark is exact.
#[inline]
pub(crate) fn marks(word: u64, wanted: u8) -> u64 {
    let zero_where = word ^ (LOW * u64::from(wanted));
    zero_where.wrapping_sub(LOW) & !zero_where & HIGH
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        pub(super) static FORCED: Cell<Option<Level>> = const { Cell::new(None) };
    }

    /// Runs a test for each way in which passes are compiled, as far as this processor can run it.
    pub(crate) fn on_every_level(test: impl Fn()) {
        let mut levels = vec![Level::baseline(), Level::new()];
        #[cfg(target_arch = "x86_64")]
        levels.extend(Level::new().as_avx2().map(Level::Avx2));
        for level in levels {
            FORCED.set(Some(level));
            test();
        }
        FORCED.set(None);
    }

    #[test]
    fn blocks_are_compared_byte_by_byte() {
        let text: Vec<u8> = (0..=255).collect();
        on_every_level(|| {
            widest!(simd => for at in 0..text.len() - SIZE {
                let [block, next] = Block::several(simd, &text, at, [0, 1]).unwrap_or_else(|| panic!("{at}"));
                let marked = |is: &dyn Fn(u8) -> bool, of: usize| {
                    (0..SIZE).filter(|place| is(text[of + place])).fold(0, |mask, place| mask | 1 << place)
                };
                for wanted in [0, b'\n', b'A', b'e', 0x7f, 0x80, 0xff] {
                    let (is, is_next) = (block.is(wanted), next.is(wanted));
                    assert_eq!(is.mask(), marked(&|byte| byte == wanted, at));
                    assert_eq!(is.any(), is.mask() != 0);
                    assert_eq!(is_next.mask(), marked(&|byte| byte == wanted, at + 1));
                    assert_eq!(is.or(is_next).mask(), is.mask() | is_next.mask());
                    assert_eq!(is.and(is_next).mask(), 0);
                    assert_eq!(block.is_at_most(wanted).mask(), marked(&|byte| byte <= wanted, at));
                    let same = |byte: u8| byte | CASE == wanted | CASE;
                    assert_eq!(block.is_letter(wanted).mask(), marked(&same, at));
                }
                let like = |byte: u8| byte | 0x70 == 0x71;
                assert_eq!(block.is_like_a_or_1().mask(), marked(&like, at));
                assert!(like(b'A') && like(b'1') && !Marks::none(simd).any());
                let lowest = block.lower().as_slice().iter().min().copied();
                assert_eq!(lowest, text[at..at + SIZE].iter().min().copied());
            });
            let short = widest!(simd => Block::several(simd, &text, text.len() - SIZE, [0, 1]).is_none());
            assert!(short);
        });
    }
}
