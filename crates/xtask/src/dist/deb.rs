//! Debian's packages: `libesl1`, `libesl-dev`, `switchwire`. The control files are beside what they describe; `dpkg-deb`
//! packs them, so that nothing but Debian's own tool is needed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use super::build::Build;
use super::{c, cli, elf, files, fresh, target};
use crate::licenses;
use crate::run::{check, command, has, output, root};

/// The folders of the control files.
const LIBRARY: &str = "bindings/c/debian";
const PROGRAM: &str = "crates/switchwire-cli/packaging/debian";

pub(crate) fn missing() -> Option<String> {
    (!has("dpkg-deb", "--version")).then(|| "no dpkg".to_owned())
}

/// The three packages.
pub(crate) struct Packed {
    pub(crate) library: PathBuf,
    pub(crate) headers: PathBuf,
    pub(crate) program: PathBuf,
}

impl Packed {
    pub(crate) fn all(&self) -> [&PathBuf; 3] {
        [&self.library, &self.headers, &self.program]
    }
}

/// Builds and packs them into a folder.
pub(crate) fn pack(build: &Build, folder: &Path) -> Result<Packed> {
    let staged = target().join("dist/deb").join(build.platform().debian);
    fresh(&staged)?;
    std::fs::create_dir_all(folder)?;
    let packer = Packer { build, out: std::path::absolute(folder)? };

    let (headers, library) = (staged.join("libesl-dev"), staged.join("libesl1"));
    let libdir = format!("lib/{}", build.platform().multiarch);
    let usr = headers.join("usr");
    c::put_libraries(build, &usr, &usr.join(&libdir))?;
    c::describe(&usr, "/usr", &libdir)?;
    let own = library.join("usr").join(&libdir);
    std::fs::create_dir_all(&own)?;
    std::fs::rename(usr.join(&libdir).join(c::SONAME), own.join(c::SONAME))?;
    std::fs::create_dir_all(library.join("DEBIAN"))?;
    let shlibs = format!("libesl 1 libesl1 (>= {})\n", env!("CARGO_PKG_VERSION"));
    std::fs::write(library.join("DEBIAN/shlibs"), shlibs)?;
    std::fs::write(library.join("DEBIAN/triggers"), "activate-noawait ldconfig\n")?;

    let program = staged.join("switchwire");
    let (bin, share) = (program.join("usr/bin"), program.join("usr/share"));
    std::fs::create_dir_all(&bin)?;
    cli::put_program(build, &cli::built(build)?, &bin.join("switchwire"))?;
    cli::pages(build, &share)?;
    // Debian's zsh looks here.
    std::fs::rename(share.join("zsh/site-functions"), share.join("zsh/vendor-completions"))?;
    let mut compress = command("gzip", &["--best", "--no-name"]);
    compress.args(files(&share.join("man/man1"), ".1")?);
    check(compress)?;

    Ok(Packed {
        library: packer.pack(&library, LIBRARY, "libesl1")?,
        headers: packer.pack(&headers, LIBRARY, "libesl-dev")?,
        program: packer.pack(&program, PROGRAM, "switchwire")?,
    })
}

struct Packer<'a> {
    build: &'a Build,
    out: PathBuf,
}

impl Packer<'_> {
    fn pack(&self, staged: &Path, control: &str, name: &str) -> Result<PathBuf> {
        let version = format!("{}-1", env!("CARGO_PKG_VERSION"));
        documents(staged, name, &version)?;
        readable(staged)?;
        let debian = staged.join("DEBIAN");
        std::fs::create_dir_all(&debian)?;
        let sums = sums(staged)?;
        std::fs::write(debian.join("md5sums"), sums)?;
        let compiled = [
            "usr/bin/switchwire".to_owned(),
            format!("usr/lib/{}/{}", self.build.platform().multiarch, c::SONAME),
        ];
        let compiled = compiled.map(|path| staged.join(path)).into_iter().find(|path| path.exists());
        let glibc = compiled.map_or(Ok(None), |path| elf::glibc(self.build, &path))?.unwrap_or_default();
        let text = std::fs::read_to_string(root().join(control).join(format!("{name}.control")))?;
        let size = output(command("du", &["-sk", "--apparent-size", &staged.display().to_string()]))?;
        let size = size.split_whitespace().next().context("du says nothing")?.to_owned();
        let text = text
            .replace("@VERSION@", &version)
            .replace("@ARCH@", self.build.platform().debian)
            .replace("@GLIBC@", &glibc)
            .replace("@SIZE@", &size);
        ensure!(
            !text.contains('@') || text.matches('@').count() == 1,
            "{name}.control has an unknown @WORD@"
        );
        std::fs::write(debian.join("control"), text)?;
        let packed = self.out.join(format!("{name}_{version}_{}.deb", self.build.platform().debian));
        // Older releases of dpkg know no zstd.
        let mut pack = command("dpkg-deb", &["--root-owner-group", "-Zxz", "--build"]);
        pack.arg(staged).arg(&packed).stdout(Stdio::null());
        check(pack)?;
        println!("packed {}", packed.display());
        Ok(packed)
    }
}

/// The copyright, the changelog and the licences of what is linked in, as Debian's policy wants them.
fn documents(staged: &Path, name: &str, version: &str) -> Result<()> {
    let doc = staged.join("usr/share/doc").join(name);
    std::fs::create_dir_all(&doc)?;
    let license = std::fs::read_to_string(root().join("LICENSE-MIT"))?;
    let copyright = format!(
        "switchwire, https://github.com/switchwire/switchwire, may be used under either of two licences: the MIT \
         licence below,\nor the Apache License 2.0, which is /usr/share/common-licenses/Apache-2.0. What is linked in is \
         listed with its\nlicences in THIRD-PARTY.md.gz.\n\n{license}"
    );
    std::fs::write(doc.join("copyright"), copyright)?;
    let changes = format!(
        "switchwire ({version}) unstable; urgency=medium\n\n  * See changelog.gz and\n    {}.\n\n -- {}  {}\n",
        "https://github.com/switchwire/switchwire/blob/main/CHANGELOG.md",
        "The switchwire developers <switchwire@users.noreply.github.com>",
        date()?,
    );
    gzip(changes.as_bytes(), &doc.join("changelog.Debian.gz"))?;
    gzip(&std::fs::read(root().join("CHANGELOG.md"))?, &doc.join("changelog.gz"))?;
    gzip(&std::fs::read(root().join(licenses::LIST))?, &doc.join("THIRD-PARTY.md.gz"))
}

/// The commit's, so that a package of the same sources is the same.
fn date() -> Result<String> {
    Ok(output(command("git", &["log", "-1", "--format=%cD"]))?.trim().to_owned())
}

fn gzip(bytes: &[u8], to: &Path) -> Result<()> {
    let file = std::fs::File::create(to).with_context(|| format!("cannot make {}", to.display()))?;
    let mut gzip = command("gzip", &["--best", "--no-name", "--stdout"]);
    let mut child = gzip.stdin(Stdio::piped()).stdout(file).spawn().context("cannot run gzip")?;
    child.stdin.take().context("gzip takes nothing")?.write_all(bytes)?;
    ensure!(child.wait()?.success(), "gzip failed");
    Ok(())
}

/// Whatever the umask is: folders and programs 755, other files 644.
fn readable(staged: &Path) -> Result<()> {
    let folder = staged.display().to_string();
    check(command("chmod", &["--recursive", "u=rwX,go=rX", &folder]))?;
    let libraries = ["-name", "*.so.*", "-exec", "chmod", "644", "{}", "+"];
    check(command("find", &[&[folder.as_str()][..], &libraries].concat()))
}

/// `md5sums`, as dpkg checks them.
fn sums(staged: &Path) -> Result<String> {
    let list = "find usr -type f -print0 | LC_ALL=C sort --zero-terminated | xargs --null md5sum";
    let mut sum = command("sh", &["-c", list]);
    sum.current_dir(staged);
    output(sum)
}
