//! Bytes compared sixty-four at a time ([`Block`], on every processor), and eight at a time for short texts ([`marks`]).

use wide::u8x16;

/// Sixty-four bytes of a text, or (as the outcome of a comparison) marks for them.
#[derive(Clone, Copy)]
pub(crate) struct Block([u8x16; 4]);

/// Which of the bytes are marked: a bit each, the first byte's lowest.
pub(crate) type Mask = u64;

impl Block {
    /// The bytes from there on; `None` when there are fewer.
    #[inline]
    pub(crate) fn at(text: &[u8], at: usize) -> Option<Self> {
        text.get(at..)?.first_chunk().map(Self::of)
    }

    /// Blocks that begin at those distances from `at`, the last one the furthest.
    #[inline]
    pub(crate) fn several<const COUNT: usize>(
        text: &[u8],
        at: usize,
        distances: [usize; COUNT],
    ) -> Option<[Self; COUNT]> {
        // One look at the length for all of them.
        let text = text.get(at..)?.get(..SIZE + distances[COUNT - 1])?;
        let mut blocks = [Self([u8x16::ZERO; 4]); COUNT];
        for (block, distance) in blocks.iter_mut().zip(distances) {
            *block = Self::of(text.get(distance..)?.first_chunk()?);
        }
        Some(blocks)
    }

    #[inline]
    fn of(bytes: &[u8; SIZE]) -> Self {
        let (quarters, _) = bytes.as_chunks::<16>();
        Self(std::array::from_fn(|quarter| u8x16::new(quarters[quarter])))
    }

    /// The lowest of every sixteenth byte.
    #[inline]
    pub(crate) fn lowest(self) -> u8x16 {
        let [one, two, three, four] = self.0;
        one.min(two).min(three.min(four))
    }

    /// Which bytes are that one.
    #[inline]
    pub(crate) fn is(self, byte: u8) -> Self {
        self.each(|quarter| quarter.cmp_eq(u8x16::splat(byte)))
    }

    /// Which are that letter, in either case. (Two other characters that differ in that bit count
    /// as the same: callers check what they find.)
    #[inline]
    pub(crate) fn is_letter(self, letter: u8) -> Self {
        self.each(|quarter| (quarter | u8x16::splat(CASE)).cmp_eq(u8x16::splat(letter | CASE)))
    }

    /// Which are that byte or a lower one.
    #[inline]
    pub(crate) fn is_at_most(self, byte: u8) -> Self {
        self.each(|quarter| quarter.min(u8x16::splat(byte)).cmp_eq(quarter))
    }

    #[inline]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    #[inline]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    #[inline]
    pub(crate) fn mask(self) -> Mask {
        let bits = |marks: u8x16| u64::from(marks.move_mask().cast_unsigned());
        let [one, two, three, four] = self.0;
        bits(one) | bits(two) << 16 | bits(three) << 32 | bits(four) << 48
    }

    /// Whether any is marked: cheaper to say than which.
    #[inline]
    pub(crate) fn any(self) -> bool {
        let [one, two, three, four] = self.0;
        ((one | two) | (three | four)).move_mask() != 0
    }

    #[inline]
    fn each(self, compare: impl Fn(u8x16) -> u8x16) -> Self {
        Self(self.0.map(compare))
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
