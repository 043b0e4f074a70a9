//! The interface is a contract: symbols, layouts, prototypes, headers.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    mod shared;
    pub use shared::*;
}

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use support::{Program, STRICT, done, has, library, root, scratch};

fn exported() -> BTreeSet<String> {
    let output =
        Command::new("nm").args(["-D", "--defined-only"]).arg(library().join("libesl.so")).output().unwrap();
    let text = done(&output);
    text.lines().filter_map(|line| line.split_whitespace().nth(2)).map(str::to_owned).collect()
}

#[test]
fn exactly_the_listed_symbols_are_exported() {
    if !has("nm") {
        return;
    }
    let listed: BTreeSet<String> = include_str!("symbols.txt")
        .lines()
        .filter(|name| cfg!(feature = "cjson") || !name.starts_with("cJSON"))
        .map(str::to_owned)
        .collect();
    let exported = exported();
    let missing: Vec<_> = listed.difference(&exported).collect();
    let extra: Vec<_> = exported.difference(&listed).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, extra {extra:?}");
}

#[test]
fn the_library_is_called_libesl_so_1() {
    if !has("readelf") {
        return;
    }
    let output = Command::new("readelf").arg("-d").arg(library().join("libesl.so")).output().unwrap();
    assert!(done(&output).contains("Library soname: [libesl.so.1]"));
}

#[test]
fn layouts_and_values_are_those_of_the_original() {
    let Some(program) = Program::build("layout.c", &[]) else { return };
    program.run(&[]);
}

/// The C compiler checks each generated prototype against the header's.
#[test]
fn prototypes_match_the_definitions() {
    if !has("gcc") {
        return;
    }
    let mut builder = cbindgen::Builder::new();
    for source in ["bindings/c/src", "bindings/cjson/src"] {
        for path in files(&root().join(source)) {
            builder = builder.with_src(path);
        }
    }
    let mut config = cbindgen::Config { usize_is_size_t: true, ..Default::default() };
    config.language = cbindgen::Language::C;
    config.no_includes = true;
    config.style = cbindgen::Style::Type;
    config.export.exclude = TYPES.iter().map(|name| (*name).to_owned()).collect();
    let mut generated = Vec::new();
    builder.with_config(config).generate().unwrap().write(&mut generated);
    let generated = String::from_utf8(generated).unwrap();
    // Constants and helper types are not part of the contract: the functions are.
    let prototypes: Vec<&str> =
        generated.split_inclusive(";\n").filter(|piece| piece.contains('(')).collect();
    let count = prototypes.len();
    assert!(count > 130, "only {count} prototypes");
    let text = format!(
        "#include \"esl.h\"\n#include \"esl_cJSON_Utils.h\"\ntypedef struct sockaddr_in sockaddr_in;\n{}\nint main(void) {{ return 0; }}\n",
        prototypes.concat()
    );
    let path = scratch("prototypes").with_extension("c");
    std::fs::write(&path, text).unwrap();
    let output = Command::new("gcc")
        .args(["-std=c99", "-fsyntax-only", "-Werror", "-I"])
        .arg(root().join("include"))
        .arg(&path)
        .output()
        .unwrap();
    done(&output);
    std::fs::remove_file(&path).unwrap();
}

const TYPES: &[&str] = &[
    "esl_port_t",
    "esl_size_t",
    "esl_socket_t",
    "esl_status_t",
    "esl_bool_t",
    "esl_event_types_t",
    "esl_event_type_t",
    "esl_stack_t",
    "esl_priority_t",
    "esl_poll_t",
    "esl_event_header_t",
    "esl_event_t",
    "esl_handle_t",
    "esl_config_t",
    "esl_buffer_t",
    "esl_mutex_t",
    "esl_thread_t",
    "esl_thread_function_t",
    "esl_listen_callback_t",
    "cJSON",
    "cJSON_Hooks",
];

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_header_stands_alone_twice_and_in_any_order() {
    const HEADERS: &[&str] = &[
        "esl.h",
        "esl_event.h",
        "esl_buffer.h",
        "esl_config.h",
        "esl_threadmutex.h",
        "esl_json.h",
        "esl_cJSON.h",
        "esl_cJSON_Utils.h",
    ];
    let compile = |compiler: &str, standard: &str, name: &str, headers: &[&str]| {
        let text: String = headers.iter().map(|header| format!("#include \"{header}\"\n")).collect();
        let path = scratch("headers").with_extension(name);
        std::fs::write(&path, format!("{text}int main(void) {{ esl_handle_t *h = 0; return h != 0; }}\n"))
            .unwrap();
        let mut command = Command::new(compiler);
        command
            .arg(standard)
            .args(STRICT)
            .args(["-fsyntax-only", "-I"])
            .arg(root().join("include"))
            .arg(&path);
        done(&command.output().unwrap());
        std::fs::remove_file(&path).unwrap();
    };
    let mut backwards = HEADERS.to_vec();
    backwards.reverse();
    for (compiler, name, standards) in
        [("gcc", "c", &["-std=c99", "-std=c11"][..]), ("g++", "cpp", &["-std=c++11", "-std=c++17"])]
    {
        if !has(compiler) {
            continue;
        }
        for standard in standards {
            for header in HEADERS {
                compile(compiler, standard, name, &[header, header]);
            }
            compile(compiler, standard, name, HEADERS);
            compile(compiler, standard, name, &backwards);
            if name == "cpp" {
                compile(compiler, standard, name, &["esl_oop.h", "esl_oop.h", "esl.h"]);
            }
        }
    }
}
