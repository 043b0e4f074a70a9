//! Modules: what is loaded.

use super::{ApiRequest, Family, Outcome, interfaces};
use crate::event::origin;
use crate::world::{Work, World};
use switchwire_proto::EventType;

pub(super) const COMMANDS: Family = &[
    ("load", load),
    (
        "module_exists",
        |world, _, arg| if arg.is_empty() { "".into() } else { is_loaded(world, arg).to_string().into() },
    ),
    ("reload", reload),
    ("unload", unload),
];

fn exists(name: &str) -> bool {
    interfaces::all().any(|i| i.module == name)
}

fn is_loaded(world: &World, name: &str) -> bool {
    exists(name) && !world.stores.unloaded.contains(name)
}

/// Tells what a module brings, or takes away.
fn fire_module(world: &mut World, module: &str, loads: bool) {
    let kind = if loads { EventType::ModuleLoad } else { EventType::ModuleUnload };
    let file = file_of(world, module);
    for interface in interfaces::all().filter(|interface| interface.module == module) {
        let mut event = world.stamped(kind, origin::of(kind));
        event.add_header("type", interface.kind);
        event.add_header("name", interface.name);
        if loads {
            event.add_header("key", module);
            event.add_header("filename", &file);
        }
        world.dispatch(&event);
    }
}

/// The file of a module; the core's own have no folder.
pub(super) fn file_of(world: &World, module: &str) -> String {
    if module.starts_with("CORE_") {
        return format!("/{module}.so");
    }
    let folder = world.globals.get("mod_dir").map_or("/usr/lib/freeswitch/mod", String::as_str);
    format!("{folder}/{module}.so")
}

pub(super) fn fire_reloadxml(world: &mut World) {
    let event = world.stamped(EventType::Reloadxml, origin::of(EventType::Reloadxml));
    world.dispatch(&event);
}

fn load(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    if arg.is_empty() {
        return "-USAGE: <mod_name>\n".into();
    }
    fire_reloadxml(world);
    if is_loaded(world, arg) {
        "+OK Reloading XML\n-ERR [Module already loaded]\n".into()
    } else if world.stores.unloaded.remove(arg) {
        fire_module(world, arg, true);
        "+OK Reloading XML\n+OK\n".into()
    } else {
        "+OK Reloading XML\n-ERR [module load file routine returned an error]\n".into()
    }
}

/// Of all modules only the event socket's own matters: its connections get the notice and are closed, and new ones are
/// taken at once.
fn end_connections(world: &mut World, module: &str) {
    if module == OWN {
        world.work.push_back(Work::Shutdown { notice: true, stop: false });
    }
}

fn unload(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let module = arg.trim_start_matches("-f ").trim();
    if module.is_empty() {
        return "-USAGE: [-f] <mod_name>\n".into();
    }
    if !is_loaded(world, module) {
        return "-ERR [No such module!]\n".into();
    }
    if module != OWN {
        fire_module(world, module, false);
        world.stores.unloaded.insert(module.to_owned());
    }
    end_connections(world, module);
    "+OK\n".into()
}

fn reload(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let module = arg.trim_start_matches("-f ").trim();
    if module.is_empty() {
        return "-USAGE: [-f] <mod_name>\n".into();
    }
    fire_reloadxml(world);
    if !exists(module) {
        return "+OK Reloading XML\n-ERR unloading module [No such module!]\n-ERR loading module [module load file \
                routine returned an error]\n"
            .into();
    }
    if module != OWN {
        if !world.stores.unloaded.remove(module) {
            fire_module(world, module, false);
        }
        fire_module(world, module, true);
    }
    end_connections(world, module);
    "+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n".into()
}

/// The module that connections belong to: it is never away.
const OWN: &str = "mod_event_socket";
