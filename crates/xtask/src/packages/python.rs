//! Python's wheel and source package, each in a fresh environment; the tests run on what the wheel installed.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::dist::{fresh, only, target};
use crate::run::{check, command, output, root};
use crate::{dist, python};

pub(crate) fn test() -> Result<()> {
    let packed = target().join("packages/python");
    dist::python::pack(&packed)?;
    let (wheel, sources) = (only(&packed, ".whl")?, only(&packed, ".tar.gz")?);
    metadata(&wheel, &sources)?;

    let place = tempfile::tempdir()?;
    let venv = place.path().join("wheel");
    install(&venv, &wheel, &["pytest>=7", "pytest-timeout", "pytest-xdist"])?;
    test_installed(place.path(), &venv)?;

    // The source package brings all that it is built from, but for the registry's crates.
    let venv = place.path().join("sources");
    install(&venv, &sources, &[])?;
    let mut smoke = command(&python::program(&venv, "python"), &["-I", "-c", SMOKE]);
    smoke.current_dir(place.path());
    let said = output(smoke)?;
    ensure!(
        said.trim() == format!("UP UP {}", env!("CARGO_PKG_VERSION")),
        "the source package's install said {said:?}"
    );
    println!("the source package builds and runs");
    Ok(())
}

/// Checks the metadata that PyPI would refuse or render badly.
fn metadata(wheel: &Path, sources: &Path) -> Result<()> {
    let venv = python::tools(&["twine", "trove-classifiers"])?;
    let mut twine = command(&python::program(&venv, "python"), &["-m", "twine", "check", "--strict"]);
    twine.arg(wheel).arg(sources);
    check(twine)?;
    let mut look = command(&python::program(&venv, "python"), &["-c", METADATA]);
    look.arg(wheel).arg(sources).arg(env!("CARGO_PKG_VERSION")).arg(root());
    check(look)
}

/// A fresh environment with that package and these others.
fn install(venv: &Path, package: &Path, others: &[&str]) -> Result<()> {
    python::make_venv(venv)?;
    let python = python::program(venv, "python");
    let mut install = command(&python, &["-m", "pip", "install", "-q"]);
    install.arg(package).args(others);
    // Away from the repository, where nothing can be taken from it by accident; compiled crates may be used again.
    if let Some(folder) = venv.parent() {
        install.current_dir(folder);
    }
    install.env("CARGO_TARGET_DIR", target());
    check(install)?;
    check(command(&python, &["-m", "pip", "check"]))
}

/// The repository's tests, without its sources.
fn test_installed(place: &Path, venv: &Path) -> Result<()> {
    let folder = place.join("repository");
    fresh(&folder.join("python"))?;
    // Its README has programs in Python, too.
    fresh(&folder.join("crates/switchwire-sim"))?;
    let copy = |name: &str| -> Result<()> {
        let mut copy = command("cp", &["--recursive", name]);
        copy.arg(folder.join(name));
        check(copy)
    };
    let simulator = ["crates/switchwire-sim/README.md", "crates/switchwire-sim/examples"];
    let own = ["Cargo.toml", "python/README.md", "python/pyproject.toml", "python/tests", "python/examples"];
    own.into_iter().chain(simulator).try_for_each(copy)?;
    std::os::unix::fs::symlink(root().join("tests"), folder.join("tests"))?;
    let python = python::program(venv, "python");
    let mut tests = command(&python, python::PYTEST);
    tests.current_dir(folder.join("python"));
    check(tests)?;
    let mut place = command(&python, &["-c", "import switchwire; print(switchwire.__file__)"]);
    place.current_dir(folder.join("python"));
    let file = output(place)?;
    ensure!(Path::new(file.trim()).starts_with(venv), "the tests ran on {file}");
    Ok(())
}

const METADATA: &str = "\
import email, pathlib, sys, tarfile, trove_classifiers, zipfile
wheel, sources, version, root = sys.argv[1:]
root = pathlib.Path(root)
with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
    info = f'switchwire-{version}.dist-info/'
    meta = email.message_from_bytes(archive.read(info + 'METADATA'))
    licences = {n.rpartition('/')[2]: archive.read(n) for n in names if n.startswith(info + 'licenses/')}
    tags = archive.read(info + 'WHEEL').decode()
with tarfile.open(sources) as archive:
    packed = archive.getnames()
    texts = {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}
assert meta['Version'] == version, meta['Version']
assert meta['License-Expression'] == 'MIT OR Apache-2.0', meta['License-Expression']
unknown = set(meta.get_all('Classifier')) - trove_classifiers.classifiers
assert not unknown, unknown
# Only what is built and tested is claimed.
systems = [c for c in meta.get_all('Classifier') if c.startswith('Operating System')]
assert systems == ['Operating System :: POSIX :: Linux'], systems
threading = [c for c in meta.get_all('Classifier') if 'Free Threading' in c]
assert not threading or 'abi3' not in tags, threading
for name, original in (('LICENSE-MIT',) * 2, ('LICENSE-APACHE',) * 2, ('THIRD-PARTY.md', 'bindings/THIRD-PARTY.md')):
    text = (root / original).read_bytes()
    assert licences[name] == text, (name, len(licences[name]))
    assert texts[f'switchwire-{version}/{name}'] == text, name
readme = (root / 'python/README.md').read_text('utf-8')
assert meta.get_payload(decode=True).decode().strip() == readme.strip(), 'the description is not the README'
for name, text in texts.items():
    stub = text.strip()
    if 0 < len(stub) < 200 and b' ' not in stub and b'/' in stub and b'\\n' not in stub:
        raise AssertionError(f'{name} holds nothing but {stub!r}')
for name in ('switchwire/py.typed', 'switchwire/_native.pyi', 'ESL/__init__.py', '_ESL/__init__.py'):
    assert name in names, name
stray = [name for name in names if not name.startswith(('switchwire/', 'ESL/', '_ESL/', info))]
stray += [name for name in packed if '/tests/' in name or '__pycache__' in name or '/benches/' in name]
assert not stray, stray
";

const SMOKE: &str = "\
import ESL, switchwire
from switchwire.testing import Simulator
with Simulator() as sim:
    with switchwire.connect(sim.host, sim.port, sim.password) as fs:
        modern = fs.api('status')
    classic = ESL.ESLconnection(sim.host, str(sim.port), sim.password).api('status').getBody()
print(modern.split()[0], classic.split()[0], switchwire.__version__)
";
