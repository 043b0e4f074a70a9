//! The Node package as it is published: one package with the JavaScript, and one with the native part for each platform,
//! of which npm installs the one that fits. Here the main package and one platform's are packed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::build::{Build, PLATFORMS};
use super::{copy, copy_licenses, files, fresh, only, target};
use crate::node;
use crate::run::{check, command, command_in, root};

/// The tarballs: the main package's, and the platform's.
pub(crate) struct Packed {
    pub(crate) main: PathBuf,
    pub(crate) platform: PathBuf,
    /// The platform as the packages call it, e.g. `linux-x64-gnu`.
    pub(crate) name: String,
}

/// Builds and packs into an emptied folder.
pub(crate) fn pack(build: &Build, folder: &Path) -> Result<Packed> {
    let folder = std::path::absolute(folder)?;
    fresh(&folder)?;
    let name = build.platform().npm.to_owned();
    let staged = target().join("dist/node").join(&name);
    fresh(&staged)?;
    let binary = native_part(build, &staged.join("native"))?;
    let platforms = staged.join("platforms");
    let mut dirs = command_in("node", "node_modules/.bin/napi", &["create-npm-dirs", "--npm-dir"]);
    dirs.arg(&platforms);
    check(dirs)?;

    let file = format!("switchwire.{name}.node");
    let platform = platforms.join(&name);
    copy(&binary, &platform.join(&file))?;
    edit(&platform.join("package.json"), |package| {
        package.insert(
            "description".into(),
            json!(format!("The native part of the package switchwire for {name}")),
        );
        package.insert("files".into(), json!([file, "LICENSE-*", "THIRD-PARTY.md"]));
    })?;
    copy_licenses(&platform)?;

    let main = staged.join("switchwire");
    stage(&main)?;
    let packed = Packed { main: tarball(&main, &folder)?, platform: tarball(&platform, &folder)?, name };
    println!("packed {} and {}", packed.main.display(), packed.platform.display());
    Ok(packed)
}

/// The native part, without what only debuggers read.
fn native_part(build: &Build, folder: &Path) -> Result<PathBuf> {
    fresh(folder)?;
    let built = match build {
        // napi writes the loader, too.
        Build::Native => {
            node::build()?;
            only(&root().join("node/native"), ".node")?
        }
        _ => {
            node::install_tools()?;
            build.cargo("switchwire-node")?.join("libswitchwire_node.so")
        }
    };
    let binary = folder.join("switchwire.node");
    super::slim::shared(build, &built, &binary)?;
    Ok(binary)
}

/// The main package's files, without a native part; each platform's package is an optional dependency of the same version.
fn stage(main: &Path) -> Result<()> {
    let source = root().join("node");
    std::fs::create_dir_all(main)?;
    copy(&source.join("package.json"), &main.join("package.json"))?;
    let mut listed = Vec::new();
    edit(&main.join("package.json"), |package| {
        listed = (package["files"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .filter(|file| !file.ends_with("*.node"))
            .map(str::to_owned)
            .collect();
        let with_licenses = listed.iter().map(String::as_str).chain(["LICENSE-*", "THIRD-PARTY.md"]);
        package.insert("files".into(), with_licenses.collect());
        let version = package["version"].clone();
        let optional: Map<String, Value> =
            PLATFORMS.iter().map(|one| (format!("switchwire-{}", one.npm), version.clone())).collect();
        package.insert("optionalDependencies".into(), Value::Object(optional));
        // Build settings, which users of the package do not need.
        for key in ["devDependencies", "scripts", "napi"] {
            package.remove(key);
        }
    })?;
    copy_licenses(main)?;
    copy(&source.join("README.md"), &main.join("README.md"))?;
    for file in listed {
        copy_all(&source.join(&file), &main.join(&file))?;
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        return copy(from, to);
    }
    for path in files(from, "")? {
        copy_all(&path, &to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

pub(super) fn edit(path: &Path, change: impl FnOnce(&mut Map<String, Value>)) -> Result<()> {
    let mut package: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    change(package.as_object_mut().context("package.json is not an object")?);
    std::fs::write(path, serde_json::to_string_pretty(&package)? + "\n")?;
    Ok(())
}

pub(super) fn tarball(package: &Path, folder: &Path) -> Result<PathBuf> {
    let before = files(folder, ".tgz")?;
    let mut pack = command("npm", &["pack", "--silent", "--pack-destination"]);
    pack.arg(folder).current_dir(package);
    check(pack)?;
    let new = files(folder, ".tgz")?.into_iter().find(|path| !before.contains(path));
    new.with_context(|| format!("npm packed nothing of {}", package.display()))
}
