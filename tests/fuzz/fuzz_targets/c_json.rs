//! libFuzzer's way into the target; built without it, a program that replays the files it is given.
#![cfg_attr(fuzzing, no_main)]

switchwire_fuzz::entry!(c_json);
