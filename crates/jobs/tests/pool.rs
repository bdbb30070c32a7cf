//! Promises of the worker pool. Pools without threads are stepped; pools with threads are waited for by channel.
use crossbeam::channel::bounded;
use jobs::{Job, JobEnd, Owner, Pool, Priority, QueueFull, while_waiting};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn owner(instance: u64, lane: u8) -> Owner {
    Owner { instance, lane }
}

fn submit(pool: &Pool, owner: Owner, name: &str, log: &Arc<Mutex<Vec<String>>>) -> Job<()> {
    let (log, name) = (log.clone(), name.to_owned());
    pool.submit(owner, || (), move |_, _| log.lock().unwrap().push(name)).unwrap()
}

#[test]
fn instances_take_turns_and_so_do_their_decks() {
    let pool = Pool::with_threads(0);
    let log = Arc::default();
    let mut jobs = Vec::new();
    for name in ["a0-1", "a0-2", "a0-3"] {
        jobs.push(submit(&pool, owner(1, 0), name, &log));
    }
    jobs.push(submit(&pool, owner(1, 1), "a1-1", &log));
    for name in ["b0-1", "b0-2"] {
        jobs.push(submit(&pool, owner(2, 0), name, &log));
    }
    while pool.run_next() {}
    assert_eq!(*log.lock().unwrap(), ["a0-1", "b0-1", "a1-1", "b0-2", "a0-2", "a0-3"]);
}

#[test]
fn a_panic_becomes_a_sentence_and_the_next_job_runs() {
    let pool = Pool::with_threads(0);
    let mut bad = pool.submit(owner(1, 0), || (), |_, _| -> u32 { panic!("no such {}", "thing") }).unwrap();
    let mut good = pool.submit(owner(1, 0), || (), |_, _| 7).unwrap();
    while pool.run_next() {}
    assert_eq!(bad.poll(), Some(JobEnd::Panicked("no such thing".to_owned())));
    assert_eq!(good.poll(), Some(JobEnd::Done(7)));
    assert_eq!(good.poll(), None, "an outcome is handed out once");
}

#[test]
fn a_queue_is_bounded_and_cancelled_jobs_make_room() {
    let pool = Pool::with_threads(0);
    let log = Arc::default();
    let mut jobs: Vec<_> = (0..Pool::MAX_QUEUED).map(|_| submit(&pool, owner(1, 0), "kept", &log)).collect();
    let refused = pool.submit(owner(1, 0), || (), |_, _| ());
    assert_eq!(refused.err(), Some(QueueFull { num_queued: Pool::MAX_QUEUED }));
    assert!(pool.submit(owner(1, 1), || (), |_, _| ()).is_ok(), "another deck has its own bound");
    jobs[3].cancel();
    let _late = submit(&pool, owner(1, 0), "late", &log);
    assert_eq!(jobs[3].poll(), Some(JobEnd::NeverRan));
    while pool.run_next() {}
    assert_eq!(log.lock().unwrap().len(), Pool::MAX_QUEUED);
}

#[test]
fn dropping_a_job_cancels_it_before_it_runs() {
    let pool = Pool::with_threads(0);
    let log = Arc::default();
    drop(submit(&pool, owner(1, 0), "dropped", &log));
    while pool.run_next() {}
    assert!(log.lock().unwrap().is_empty());
}

#[test]
fn the_owner_is_woken_after_the_outcome_is_there() {
    let pool = Pool::with_threads(2);
    let (woken_tx, woken_rx) = bounded(1);
    let wake = move || woken_tx.send(()).unwrap();
    let mut job = pool.submit(owner(1, 0), wake, |progress, _| progress.report(1.0, "done")).unwrap();
    woken_rx.recv().unwrap();
    assert_eq!(job.poll(), Some(JobEnd::Done(())));
    assert_eq!(job.progress().stage, "done");
}

#[test]
fn closing_a_pool_cancels_what_runs_drops_what_waits_and_joins() {
    let pool = Pool::with_threads(1);
    let (began_tx, began_rx) = bounded(1);
    let endless = move |_: &jobs::Progress, cancel: &jobs::CancelToken| {
        began_tx.send(()).unwrap();
        while !cancel.is_cancelled() {
            std::thread::yield_now();
        }
        "stopped"
    };
    let mut running = pool.submit(owner(1, 0), || (), endless).unwrap();
    began_rx.recv().unwrap();
    let mut waiting = pool.submit(owner(1, 0), || (), |_, _| ()).unwrap();
    drop(pool);
    assert_eq!(running.poll(), Some(JobEnd::Done("stopped")));
    assert_eq!(waiting.poll(), Some(JobEnd::NeverRan));
}

#[test]
fn all_instances_share_one_pool_and_the_last_one_takes_it_away() {
    let (first, second) = (Pool::shared(), Pool::shared());
    assert!(Arc::ptr_eq(&first, &second));
    assert_ne!(first.new_instance(), second.new_instance());
    let (done_tx, done_rx) = bounded(1);
    let wake = move || done_tx.send(()).unwrap();
    // What the job holds lives as long as the threads could touch it.
    let held = Arc::new(());
    let copy = held.clone();
    let job = first.submit(owner(1, 0), wake, move |_, _| drop(copy)).unwrap();
    done_rx.recv().unwrap();
    drop((first, job));
    assert!(Arc::ptr_eq(&second, &Pool::shared()), "one user is left");
    let gone = Arc::downgrade(&second);
    drop(second);
    assert!(gone.upgrade().is_none());
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn an_instance_that_leaves_is_waited_for_and_the_others_go_on() {
    let pool = Pool::with_threads(1);
    let (began_tx, began_rx) = bounded(1);
    let endless = move |_: &jobs::Progress, cancel: &jobs::CancelToken| {
        began_tx.send(()).unwrap();
        while !cancel.is_cancelled() {
            std::thread::yield_now();
        }
    };
    let mut running = pool.submit(owner(1, 0), || (), endless).unwrap();
    began_rx.recv().unwrap();
    let mut waiting = pool.submit(owner(1, 1), || (), |_, _| ()).unwrap();
    let (done_tx, done_rx) = bounded(1);
    let mut other = pool.submit(owner(2, 0), move || done_tx.send(()).unwrap(), |_, _| "went on").unwrap();
    assert!(pool.leave(1, Duration::from_secs(60)));
    assert_eq!((running.poll(), waiting.poll()), (Some(JobEnd::Done(())), Some(JobEnd::NeverRan)));
    done_rx.recv().unwrap();
    assert_eq!(other.poll(), Some(JobEnd::Done("went on")));
}

#[test]
fn a_burst_of_jobs_uses_every_worker() {
    let pool = Pool::with_threads(2);
    let (done_tx, done_rx) = bounded(1);
    // One thread is there and idle, or about to be.
    let _first = pool.submit(owner(1, 0), move || done_tx.send(()).unwrap(), |_, _| ()).unwrap();
    done_rx.recv().unwrap();
    (0..1000).for_each(|_| std::thread::yield_now());
    let (met_tx, met_rx) = bounded(2);
    let (there, here) = (bounded(1), bounded(1));
    let ends = [(there.0, here.1), (here.0, there.1)];
    let jobs = ends.map(|(greet, hear)| {
        let met_tx = met_tx.clone();
        let meet = move |_: &jobs::Progress, _: &jobs::CancelToken| {
            greet.send(()).unwrap();
            met_tx.send(hear.recv_timeout(Duration::from_secs(20)).is_ok()).unwrap();
        };
        pool.submit(owner(1, 1), || (), meet).unwrap()
    });
    assert_eq!([met_rx.recv().unwrap(), met_rx.recv().unwrap()], [true, true], "one waited for the other to end");
    drop(jobs);
}

#[test]
fn a_click_goes_before_a_render_and_a_render_before_the_autopilot() {
    let pool = Pool::with_threads(0);
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let submit_as = |priority, owner, name: &str| {
        let (log, name) = (log.clone(), name.to_owned());
        pool.submit_as(priority, owner, || (), move |_, _| log.lock().unwrap().push(name)).unwrap()
    };
    let _jobs = [
        submit_as(Priority::Autopilot, owner(1, 0), "autopilot 1"),
        submit_as(Priority::Background, owner(1, 0), "render 1"),
        submit_as(Priority::Background, owner(1, 0), "render 1 again"),
        submit_as(Priority::Background, owner(2, 0), "render 2"),
        submit_as(Priority::Click, owner(2, 0), "click 2"),
        submit_as(Priority::Click, owner(1, 1), "click 1"),
    ];
    while pool.run_next() {}
    let wanted = ["click 2", "click 1", "render 1", "render 2", "render 1 again", "autopilot 1"];
    assert_eq!(*log.lock().unwrap(), wanted);
}

#[test]
fn a_full_line_of_renders_keeps_no_click_out() {
    let pool = Pool::with_threads(0);
    let render = || pool.submit_as(Priority::Background, owner(1, 0), || (), |_, _| ());
    let _renders: Vec<_> = (0..Pool::MAX_QUEUED).map(|_| render().unwrap()).collect();
    assert_eq!(render().err(), Some(QueueFull { num_queued: Pool::MAX_QUEUED }));
    assert!(pool.submit(owner(1, 0), || (), |_, _| ()).is_ok());
}

#[test]
fn a_job_that_only_waits_lets_another_work_in_its_place() {
    let pool = Pool::with_threads(1);
    let (began_tx, began_rx) = bounded(1);
    let (answer_tx, answer_rx) = bounded(1);
    let (done_tx, done_rx) = bounded(2);
    let wake = || {
        let done_tx = done_tx.clone();
        move || done_tx.send(()).unwrap()
    };
    let waits = move |_: &jobs::Progress, _: &jobs::CancelToken| {
        began_tx.send(()).unwrap();
        while_waiting(|| answer_rx.recv().unwrap())
    };
    let mut waiting = pool.submit(owner(1, 0), wake(), waits).unwrap();
    began_rx.recv().unwrap();
    // The only worker waits for what this one sends.
    let mut other = pool.submit(owner(1, 1), wake(), move |_, _| answer_tx.send(7).unwrap()).unwrap();
    done_rx.recv().unwrap();
    done_rx.recv().unwrap();
    assert_eq!((waiting.poll(), other.poll()), (Some(JobEnd::Done(7)), Some(JobEnd::Done(()))));
}

#[test]
fn a_pool_closes_while_a_job_waits() {
    let pool = Pool::with_threads(1);
    let (began_tx, began_rx) = bounded(1);
    let waits = move |_: &jobs::Progress, cancel: &jobs::CancelToken| {
        while_waiting(|| {
            began_tx.send(()).unwrap();
            while !cancel.is_cancelled() {
                std::thread::yield_now();
            }
        });
    };
    let mut waiting = pool.submit(owner(1, 0), || (), waits).unwrap();
    began_rx.recv().unwrap();
    drop(pool);
    assert_eq!(waiting.poll(), Some(JobEnd::Done(())));
}
