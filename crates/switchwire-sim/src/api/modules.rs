//! Modules: what is loaded.

use super::{ApiRequest, Family, Outcome, interfaces};
use crate::event::origin;
use crate::world::{Work, World};
use switchwire_proto::EventType;

pub(super) const COMMANDS: Family = &[
    ("load", load),
    ("module_exists", |_, _, arg| if arg.is_empty() { "".into() } else { exists(arg).to_string().into() }),
    ("reload", reload),
    ("unload", unload),
];

fn exists(name: &str) -> bool {
    interfaces::all().any(|i| i.module == name)
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
    if exists(arg) {
        "+OK Reloading XML\n-ERR [Module already loaded]\n".into()
    } else {
        "+OK Reloading XML\n-ERR [module load file routine returned an error]\n".into()
    }
}

/// Of all modules only ours matters: its connections get the notice and are closed, and new ones are taken at once.
fn end_connections(world: &mut World, module: &str) {
    if module == "mod_event_socket" {
        world.work.push_back(Work::Shutdown { notice: true, stop: false });
    }
}

fn unload(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let module = arg.trim_start_matches("-f ").trim();
    if module.is_empty() {
        return "-USAGE: [-f] <mod_name>\n".into();
    }
    if !exists(module) {
        return "-ERR [No such module!]\n".into();
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
    end_connections(world, module);
    "+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n".into()
}
