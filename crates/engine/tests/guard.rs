//! The allocation guard that all other tests lean on does its work in this profile.
#![cfg(debug_assertions)]
mod common;

use assert_no_alloc::assert_no_alloc;

const CHILD: &str = "CONTINUO_GUARD_CHILD";

#[test]
fn a_process_call_that_allocates_would_end_the_test() {
    if std::env::var_os(CHILD).is_some() {
        assert_no_alloc(|| std::hint::black_box(vec![0u8; 100]));
        return;
    }
    let run = |is_guarded: bool| {
        let mut command = std::process::Command::new(std::env::current_exe().expect("the test's own program"));
        command.args(["--exact", "a_process_call_that_allocates_would_end_the_test"]);
        if is_guarded {
            command.env(CHILD, "1");
        } else {
            command.arg("--list");
        }
        command.output().expect("the test starts").status.success()
    };
    assert!(run(false), "the program itself runs");
    assert!(!run(true), "an allocation went unnoticed");
}
