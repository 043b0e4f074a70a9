//! The Node packages: installed in a fresh folder with no compiler and no registry, required and imported.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::dist::build::{Build, PLATFORMS};
use crate::dist::node::{Packed, pack};
use crate::dist::{fresh, only, target};
use crate::run::{check, command, output, root};

pub(crate) fn test() -> Result<()> {
    let packed = pack(&Build::Native, &target().join("packages/node"))?;
    let place = tempfile::tempdir()?;
    let tools = place.path().join("tools");
    tools_alone(&tools)?;
    // What npm would take from the registry: the one dependency at run time.
    let dependency = place.path().join("dependency");
    fresh(&dependency)?;
    let mut pack = command("npm", &["pack", "--silent", "--pack-destination"]);
    pack.arg(&dependency).current_dir(root().join("node/node_modules/eventemitter2"));
    check(pack)?;
    let dependency = only(&dependency, ".tgz")?;

    let whole = place.path().join("whole");
    install(&whole, &[&packed.main, &packed.platform, &dependency], &tools)?;
    contents(&whole, &packed)?;
    for (name, program) in [("required.cjs", REQUIRED), ("imported.mjs", IMPORTED)] {
        std::fs::write(whole.join(name), program)?;
        let mut run = node(&whole, &tools);
        let said = output_of(run.arg(name))?;
        ensure!(said.trim() == "UP UP UP", "{name} said {said:?}");
        println!("{name} runs");
    }

    // Without the platform's package the error names it.
    let part = place.path().join("part");
    install(&part, &[&packed.main, &dependency], &tools)?;
    let mut run = node(&part, &tools);
    let said = output_of(run.args(["-e", MISSING]))?;
    let needed = format!("switchwire-{}", packed.name);
    ensure!(
        said.starts_with("ERR_SWITCHWIRE_NATIVE") && said.contains(&needed),
        "without {needed} it said {said:?}"
    );
    println!("without {needed}: {}", said.lines().next().unwrap_or_default());
    Ok(())
}

/// A folder with node and npm and nothing else, to be the PATH.
pub(super) fn tools_alone(folder: &Path) -> Result<()> {
    fresh(folder)?;
    for tool in ["node", "npm"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .map(|folder| folder.join(tool))
            .find(|path| path.is_file());
        let found = found.with_context(|| format!("no {tool}"))?;
        std::os::unix::fs::symlink(found, folder.join(tool))?;
    }
    Ok(())
}

/// Installs into an empty folder, from these tarballs alone.
pub(super) fn install(folder: &Path, tarballs: &[&Path], tools: &Path) -> Result<()> {
    fresh(folder)?;
    std::fs::write(folder.join("package.json"), "{ \"name\": \"fresh\", \"private\": true }\n")?;
    let mut npm = Command::new(tools.join("npm"));
    npm.args(["install", "--offline", "--no-audit", "--no-fund", "--silent"]).args(tarballs);
    npm.current_dir(folder).env("PATH", tools);
    check(npm)
}

/// The packages hold what they should and nothing else.
fn contents(folder: &Path, packed: &Packed) -> Result<()> {
    let modules = folder.join("node_modules");
    let main = modules.join("switchwire");
    for file in ["index.d.ts", "lib/native.js"] {
        ensure!(main.join(file).is_file(), "the package lacks {file}");
    }
    super::same(&main.join("README.md"), "node/README.md")?;
    super::licenses(&main, true)?;
    super::no_link_texts(&main)?;
    for folder in ["test", "bench", "node_modules"] {
        ensure!(!main.join(folder).exists(), "the package holds {folder}");
    }
    let list = output(command("find", &[&main.to_string_lossy(), "-name", "*.node"]))?;
    ensure!(list.is_empty(), "the main package holds a native part: {list}");
    let platform = modules.join(format!("switchwire-{}", packed.name));
    let binary = format!("switchwire.{}.node", packed.name);
    ensure!(platform.join(&binary).is_file(), "the platform's package lacks {binary}");
    super::licenses(&platform, true)?;
    // The optional dependencies are the platforms that are built and tested, and no others.
    let package: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(main.join("package.json"))?)?;
    let promised: Vec<_> =
        package["optionalDependencies"].as_object().into_iter().flat_map(|all| all.keys()).collect();
    let built = PLATFORMS.map(|platform| format!("switchwire-{}", platform.npm));
    ensure!(promised == built.iter().collect::<Vec<_>>(), "the package promises {promised:?}");
    Ok(())
}

fn node(folder: &Path, tools: &Path) -> Command {
    let mut node = Command::new(tools.join("node"));
    node.current_dir(folder).env("PATH", tools);
    node
}

fn output_of(run: &mut Command) -> Result<String> {
    output(std::mem::replace(run, Command::new("true")))
}

const REQUIRED: &str = "\
const { connect, ESLconnection } = require('switchwire');
const { Simulator } = require('switchwire/testing');
const modesl = require('switchwire/modesl');
(async () => {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  const classic = new ESLconnection(sim.host, sim.port, sim.password);
  const old = await new Promise((resolve) => {
    const client = new modesl.Connection(sim.host, sim.port, sim.password, () => client.api('status', (event) => {
      client.disconnect();
      resolve(event.getBody());
    }));
  });
  const said = [await conn.api('status'), (await classic.api('status')).getBody(), old];
  console.log(said.map((text) => text.split(' ')[0]).join(' '));
  await classic.disconnect();
  await conn.close();
  sim.close();
})();
";

const IMPORTED: &str = "\
import { connect, ESLconnection } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import modesl, { Connection } from 'switchwire/modesl';

if (modesl.Connection !== Connection) throw new Error('two modesls');
const sim = new Simulator();
const conn = await connect(sim.target);
const classic = new ESLconnection(sim.host, sim.port, sim.password);
const old = await new Promise((resolve) => {
  const client = new Connection(sim.host, sim.port, sim.password, () => client.api('status', (event) => {
    client.disconnect();
    resolve(event.getBody());
  }));
});
const said = [await conn.api('status'), (await classic.api('status')).getBody(), old];
console.log(said.map((text) => text.split(' ')[0]).join(' '));
await classic.disconnect();
await conn.close();
sim.close();
";

const MISSING: &str = "\
try { require('switchwire'); console.log('it was there'); }
catch (error) { console.log(`${error.code} ${error.message}`); }
";
