//! The command `switchwire`: installed with its manual pages and completions, and as packages of pip and npm, which carry
//! the same binary.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::build::{Build, PLATFORMS, Platform};
use super::node::{edit, tarball};
use super::{copy, copy_licenses, files, fresh, only, target};
use crate::run::{check, command, output, root};

/// Where the packages' own files are.
pub(crate) const PACKAGING: &str = "crates/switchwire-cli/packaging";

/// What npm's package for a platform is called; pip's wheel says it in its own way.
pub(crate) fn platform_package(platform: &Platform) -> String {
    format!("switchwire-cli-{}", platform.npm)
}

/// The packages.
pub(crate) struct Packed {
    pub(crate) wheel: PathBuf,
    pub(crate) main: PathBuf,
    pub(crate) platform: PathBuf,
}

/// Installs the program under both of its names, the manual pages and the completions.
pub(crate) fn install(prefix: &Path) -> Result<()> {
    let prefix = std::path::absolute(prefix)?;
    let program = built(&Build::Native)?;
    let (bin, doc) = (prefix.join("bin"), prefix.join("share/doc/switchwire"));
    std::fs::create_dir_all(&bin).with_context(|| format!("cannot make {}", bin.display()))?;
    std::fs::create_dir_all(&doc).with_context(|| format!("cannot make {}", doc.display()))?;
    put_program(&Build::Native, &program, &bin.join("switchwire"))?;
    let link = bin.join("fs_cli");
    let _ = std::fs::remove_file(&link);
    symlink("switchwire", &link).with_context(|| format!("cannot make {}", link.display()))?;
    pages(&Build::Native, &prefix.join("share"))?;
    copy_licenses(&doc)?;
    println!("switchwire and fs_cli are in {}", bin.display());
    Ok(())
}

/// Builds and packs into an emptied folder.
pub(crate) fn pack(build: &Build, folder: &Path) -> Result<Packed> {
    let folder = std::path::absolute(folder)?;
    fresh(&folder)?;
    let staged = target().join("dist/cli").join(build.platform().npm);
    fresh(&staged)?;
    let share = staged.join("python/data/data/share");
    pages(build, &share)?;
    let wheel = wheel(build, &staged.join("python"), &folder)?;
    // npm gets the very program that is in the wheel.
    let program = taken_out(&wheel, &staged.join("wheel"))?;
    let (main, platform) = (staged.join("npm/main"), staged.join("npm/platform"));
    stage_platform(build.platform(), &platform, &program)?;
    stage_main(&main, &share.join("man/man1"))?;
    let packed = Packed { wheel, main: tarball(&main, &folder)?, platform: tarball(&platform, &folder)? };
    for path in [&packed.wheel, &packed.main, &packed.platform] {
        println!("packed {}", path.display());
    }
    Ok(packed)
}

pub(super) fn built(build: &Build) -> Result<PathBuf> {
    Ok(build.cargo("switchwire-cli")?.join("switchwire"))
}

/// Copies the program without what only debuggers read.
pub(super) fn put_program(build: &Build, from: &Path, to: &Path) -> Result<()> {
    copy(from, to)?;
    let mut strip = build.binutil("strip", &[]);
    strip.arg(to);
    check(strip)
}

/// Manual pages and completions, as the program itself writes them, where programs look for them.
pub(super) fn pages(build: &Build, share: &Path) -> Result<()> {
    let program = built(build)?;
    let man = share.join("man/man1");
    std::fs::create_dir_all(&man).with_context(|| format!("cannot make {}", man.display()))?;
    let mut write = build.run(&program, &["man", "--folder"])?;
    write.arg(&man);
    check(write)?;
    for (shell, file) in [
        ("bash", "bash-completion/completions/switchwire"),
        ("zsh", "zsh/site-functions/_switchwire"),
        ("fish", "fish/vendor_completions.d/switchwire.fish"),
    ] {
        let file = share.join(file);
        std::fs::create_dir_all(file.parent().unwrap_or(share))?;
        std::fs::write(&file, output(build.run(&program, &["completions", shell])?)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

fn wheel(build: &Build, staged: &Path, folder: &Path) -> Result<PathBuf> {
    let packaging = root().join(PACKAGING);
    copy(&packaging.join("README.md"), &staged.join("README.md"))?;
    copy_licenses(staged)?;
    let project = std::fs::read_to_string(packaging.join("pyproject.toml"))?;
    let manifest = root().join("crates/switchwire-cli/Cargo.toml");
    let project = format!("{project}manifest-path = {:?}\n", manifest.display().to_string());
    std::fs::write(staged.join("pyproject.toml"), project)?;
    build.wheel(staged, folder)?;
    only(folder, ".whl")
}

/// The program out of a wheel, which is a zip file.
fn taken_out(wheel: &Path, folder: &Path) -> Result<PathBuf> {
    let mut extract = command("python3", &["-m", "zipfile", "--extract"]);
    extract.arg(wheel).arg(folder);
    check(extract)?;
    let data = only(folder, ".data")?;
    let program = data.join("scripts/switchwire");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
        .with_context(|| format!("{} has no program", wheel.display()))?;
    Ok(program)
}

fn stage_platform(of: &Platform, folder: &Path, program: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    copy(program, &folder.join("switchwire"))?;
    copy_licenses(folder)?;
    let name = platform_package(of);
    let text = format!("The program of the package switchwire-cli for {}.", of.words);
    std::fs::write(folder.join("README.md"), format!("# {name}\n\n{text}\n"))?;
    let main: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join(PACKAGING).join("npm/package.json"))?)?;
    let mut package = Map::new();
    for key in ["version", "license", "repository", "engines"] {
        package.insert(key.into(), main[key].clone());
    }
    package.insert("name".into(), json!(name));
    package.insert("description".into(), json!(text));
    package.insert("os".into(), json!(["linux"]));
    package.insert("cpu".into(), json!([of.npm_cpu]));
    package.insert("libc".into(), json!(["glibc"]));
    package.insert("files".into(), json!(["switchwire", "LICENSE-*", "THIRD-PARTY.md"]));
    std::fs::write(folder.join("package.json"), serde_json::to_string_pretty(&package)? + "\n")?;
    Ok(())
}

/// The launcher; the platforms' packages are optional dependencies of the same version.
fn stage_main(folder: &Path, pages: &Path) -> Result<()> {
    let packaging = root().join(PACKAGING);
    std::fs::create_dir_all(folder.join("man"))?;
    copy(&packaging.join("README.md"), &folder.join("README.md"))?;
    copy_licenses(folder)?;
    for name in ["package.json", "switchwire.js"] {
        copy(&packaging.join("npm").join(name), &folder.join(name))?;
    }
    let mut man = Vec::new();
    for page in files(pages, ".1")? {
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        copy(&page, &folder.join("man").join(&name))?;
        man.push(format!("./man/{name}"));
    }
    edit(&folder.join("package.json"), |package| {
        let version = package["version"].clone();
        package.insert("man".into(), json!(man));
        let optional = PLATFORMS.iter().map(|platform| (platform_package(platform), version.clone()));
        package.insert("optionalDependencies".into(), Value::Object(optional.collect()));
    })
}
