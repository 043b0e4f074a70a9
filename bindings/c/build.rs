//! Compiles the C shim (what Rust cannot define: printf-style functions) and names the shared library.

fn main() {
    println!("cargo:rerun-if-changed=shim/shim.c");
    println!("cargo:rerun-if-changed=build.rs");
    cc::Build::new()
        .file("shim/shim.c")
        .std("c99")
        .warnings(true)
        .extra_warnings(true)
        .cargo_metadata(false)
        .compile("eslshim");
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    println!("cargo:rustc-link-search=native={out}");
    // The shim's functions are part of the library's interface, so all of it is linked and exported.
    println!("cargo:rustc-link-lib=static:+whole-archive,+export-symbols=eslshim");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libesl.so.1");
}
