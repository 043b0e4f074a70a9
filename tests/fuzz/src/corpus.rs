//! The corpus of a target: `corpus/TARGET/` holds regressions (with a name) and seeds, a file each, put there by hand;
//! `corpus/TARGET.tar.gz` holds the inputs that libFuzzer found to reach more than those.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// The inputs of a target's corpus by their names.
///
/// # Errors
/// When the folder or the archive cannot be read.
pub fn corpus(target: &str) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut inputs = folder(&home().join(target))?;
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(archive(target))?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        inputs.insert(name, bytes);
    }
    Ok(inputs)
}

/// Writes the target's archive anew: the inputs in `merged` that are not in its folder. The same inputs make the same
/// bytes.
///
/// # Errors
/// When one of the folders cannot be read, or the archive not written.
pub fn pack(target: &str, merged: &Path) -> io::Result<()> {
    let loose = folder(&home().join(target))?;
    let file = std::fs::File::create(archive(target))?;
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::best()));
    for (name, bytes) in folder(merged)? {
        if loose.values().all(|other| *other != bytes) {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, bytes.as_slice())?;
        }
    }
    archive.into_inner()?.finish()?;
    Ok(())
}

fn folder(path: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let read = |entry: io::Result<std::fs::DirEntry>| {
        let entry = entry?;
        Ok((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?))
    };
    std::fs::read_dir(path)?.map(read).collect()
}

fn archive(target: &str) -> PathBuf {
    home().join(target).with_extension("tar.gz")
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}
