//! The programs under `fuzz_targets/`.

/// The whole of a fuzz target's program: libFuzzer calls the target, or, without libFuzzer, the program does so with
/// each file that it is given.
#[macro_export]
macro_rules! entry {
    ($target:ident) => {
        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_target!(|input: &[u8]| $crate::$target(input));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            $crate::replay($crate::$target)
        }
    };
}

/// Calls the target with the content of each file named on the command line.
///
/// # Errors
/// When a file cannot be read.
pub fn replay(target: fn(&[u8])) -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        target(&std::fs::read(path)?);
    }
    Ok(())
}
