//! What is said about a library that is missing or none. The only test of its process, as a library that was loaded once
//! is there for good.
mod common;

use models::{Runtime, RuntimeError, RuntimeSearch};

fn name_of_library() -> &'static str {
    match std::env::consts::OS {
        "windows" => "onnxruntime.dll",
        "macos" => "libonnxruntime.dylib",
        _ => "libonnxruntime.so",
    }
}

#[test]
fn a_library_that_is_missing_or_broken_is_a_sentence_with_a_command_and_a_good_one_still_loads() {
    let help = "run `continuo models fetch-runtime`";
    let error = Runtime::find(&RuntimeSearch::default()).err().expect("nowhere was a library found");
    assert!(matches!(error, RuntimeError::NotFound { .. }) && error.to_string().contains(help), "{error}");

    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join(name_of_library());
    std::fs::write(&broken, "no library").unwrap();
    let search = RuntimeSearch { setting: Some(broken.clone()), ..RuntimeSearch::default() };
    let error = Runtime::find(&search).err().expect("text was loaded as a library");
    assert!(matches!(&error, RuntimeError::Broken { file, .. } if *file == broken), "{error}");
    assert!(error.to_string().contains(help), "{error}");

    let runtime = common::runtime();
    println!("{}: {}", runtime.library().file.display(), runtime.library().build);
    assert!(runtime.library().file.is_absolute());
    // Whoever comes later gets this one, wherever they look.
    assert_eq!(Runtime::find(&RuntimeSearch::default()).unwrap().library(), runtime.library());
}
