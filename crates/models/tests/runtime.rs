//! The sessions of one process: what is shared, and what is given back.
mod common;

use common::{fixture, runtime, stereo_signal};
use models::demucs::Separator;
use models::{RunControl, Runtime};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// They count what is open in the process, so these tests take turns.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> impl Drop {
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn instances_share_a_model_and_its_memory_is_given_back_when_idle() {
    let _turn = turn();
    let (one, two) = (runtime(), runtime());
    let file = fixture("htdemucs", "split_4.onnx");
    let open = |runtime: &Runtime| Separator::open(runtime, &file, &RunControl::detached()).unwrap();
    let (here, there) = (open(&one), open(&two));
    assert_eq!(one.num_loaded(), 1);
    let [left, right] = stereo_signal(4, 10_000);
    let separate = |separator: &Separator| separator.separate([&left, &right], &RunControl::detached()).unwrap();
    let before = separate(&here);
    let minute = Duration::from_secs(60);
    assert_eq!(one.release_idle(minute, Instant::now()), 0, "it was just used");
    assert_eq!(one.release_idle(minute, Instant::now() + 2 * minute), 1);
    assert_eq!(two.num_loaded(), 0);
    // Whoever comes back gets it again, with the same result.
    assert_eq!(separate(&there), before);
    assert_eq!(two.num_loaded(), 1);
    drop((here, there));
    assert_eq!(one.release_idle(minute, Instant::now() + 2 * minute), 1);
}

#[test]
fn two_instances_run_one_model_at_the_same_time() {
    let _turn = turn();
    let runtime = runtime();
    let separator = Separator::open(&runtime, &fixture("htdemucs", "split_4.onnx"), &RunControl::detached()).unwrap();
    let separate = |seed| {
        let [left, right] = stereo_signal(seed, 60_000);
        separator.separate([&left, &right], &RunControl::detached()).unwrap()
    };
    let alone: Vec<_> = (1..=2).map(separate).collect();
    let together: Vec<_> = std::thread::scope(|scope| {
        let separate = &separate;
        let threads: Vec<_> = (1..=2).map(|seed| scope.spawn(move || separate(seed))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(alone, together);
}

#[test]
fn nothing_stays_open_when_the_last_user_goes() {
    let _turn = turn();
    let runtime_of_one = runtime();
    let file = fixture("htdemucs", "split_4.onnx");
    drop(Separator::open(&runtime_of_one, &file, &RunControl::detached()).unwrap());
    assert_eq!(runtime_of_one.num_loaded(), 1);
    drop(runtime_of_one);
    assert_eq!(runtime().num_loaded(), 0);
}

#[test]
fn a_cancel_while_loading_does_not_wait_for_the_file() {
    let _turn = turn();
    let runtime = runtime();
    let control = RunControl::new(&|| true, &|_, _| {});
    let opened = runtime.open(&fixture("htdemucs", "core_4_full.onnx"), &control);
    // A file that loads within the first look at the wish is open; a wish that came first leaves nothing.
    assert_eq!(runtime.num_loaded(), usize::from(opened.is_ok()));
}
