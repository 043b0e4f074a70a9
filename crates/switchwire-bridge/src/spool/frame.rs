//! A record in a segment: its length, a checksum of it, its bytes.

/// Bytes before each record.
pub(super) const HEAD: usize = 8;
/// No record is larger: an event's own limit is far below. A length beyond it is no length.
pub(super) const MOST: usize = 64 << 20;

/// Appends one record.
pub(super) fn put(out: &mut Vec<u8>, record: &[u8]) {
    let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(length, record).to_le_bytes());
    out.extend_from_slice(record);
}

/// What stands at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A record whose checksum is right.
    Record(&'a [u8]),
    /// The beginning of one; so many bytes are wanted in all.
    Part(usize),
    /// No record.
    Damage,
}

/// Looks at the beginning of `bytes`.
pub(super) fn look(bytes: &[u8]) -> Found<'_> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else { return Found::Part(HEAD) };
    let [a, b, c, d, e, f, g, h] = *head;
    let (length, sum) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    let size = length as usize;
    if size > MOST {
        return Found::Damage;
    }
    match rest.get(..size) {
        Some(record) if checksum(length, record) == sum => Found::Record(record),
        Some(_) => Found::Damage,
        None => Found::Part(HEAD + size),
    }
}

/// The length takes part, so that a run of zeros is no record.
fn checksum(length: u32, record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(0x5357_4252);
    hasher.update(&length.to_le_bytes());
    hasher.update(record);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_whole_or_not_at_all() {
        let mut bytes = Vec::new();
        put(&mut bytes, b"one");
        assert_eq!(look(&bytes), Found::Record(b"one"));
        for cut in 0..bytes.len() {
            assert!(matches!(look(&bytes[..cut]), Found::Part(_)), "cut at {cut}");
        }
        for at in 4..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(look(&damaged), Found::Damage, "byte {at}");
        }
        assert_eq!(look(&[0; 64]), Found::Damage);
        assert_eq!(look(&[0xff; 64]), Found::Damage);
    }
}
