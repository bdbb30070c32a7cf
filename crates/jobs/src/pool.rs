//! The worker threads of the process, shared by every instance in it.
//!
//! Knows nothing of music: it runs closures, in a fair order, and turns a panic into a sentence.
use crate::line::{Line, Priority, Queued};
use crate::{CancelToken, Progress, ProgressReport};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Whose job it is: turns are taken between instances first, then between the lanes (decks) of one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// From [`Pool::new_instance`].
    pub instance: u64,
    /// A deck, or another purpose of the instance.
    pub lane: u8,
}

/// The owner has [`Pool::MAX_QUEUED`] jobs waiting already; the new one was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{num_queued} jobs are waiting already")]
pub struct QueueFull {
    /// How many wait.
    pub num_queued: usize,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEnd<T> {
    /// It returned.
    Done(T),
    /// It panicked; what it said.
    Panicked(String),
    /// It was cancelled, or the pool closed, before it began.
    NeverRan,
}

/// A submitted job. Dropping it cancels the work.
#[derive(Debug)]
pub struct Job<T> {
    outcome: Arc<Mutex<Option<JobEnd<T>>>>,
    progress: Progress,
    cancel: CancelToken,
}

impl<T> Job<T> {
    /// The outcome, once, as soon as there is one. Never waits.
    pub fn poll(&mut self) -> Option<JobEnd<T>> {
        lock(&self.outcome).take()
    }

    /// The newest report.
    pub fn progress(&self) -> ProgressReport {
        self.progress.latest()
    }

    /// Asks it to stop; the outcome still comes.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// [`Job::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Puts the outcome where the owner finds it, also when the closure is dropped without having run.
struct Deposit<T> {
    outcome: Arc<Mutex<Option<JobEnd<T>>>>,
    wake: Box<dyn Fn() + Send>,
    is_done: bool,
}

impl<T> Deposit<T> {
    fn put(&mut self, end: JobEnd<T>) {
        *lock(&self.outcome) = Some(end);
        self.is_done = true;
        (self.wake)();
    }
}

impl<T> Drop for Deposit<T> {
    fn drop(&mut self) {
        if !self.is_done {
            self.put(JobEnd::NeverRan);
        }
    }
}

/// Worker threads. They start with the first job and are joined when the last `Arc<Pool>` goes.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    next_instance: AtomicU64,
}

#[derive(Debug, Default)]
struct Shared {
    /// Jobs that work at the same time; those that wait for a network do not count.
    max_threads: usize,
    threads: Mutex<Vec<JoinHandle<()>>>,
    state: Mutex<State>,
    /// Work came, or the pool closes.
    changed: Condvar,
    /// A job has ended.
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    line: Line,
    running: Vec<(Owner, CancelToken)>,
    num_idle: usize,
    /// Running jobs that are [`while_waiting`].
    num_waiting: usize,
    is_closing: bool,
}

/// The process-wide pool while anybody uses it. Weak: the last instance takes the threads with it, so that the
/// plugin library can be unloaded.
static SHARED: Mutex<Weak<Pool>> = Mutex::new(Weak::new());

/// Threads beyond the usual number, in place of jobs that wait.
const MAX_MORE_THREADS: usize = 8;

impl Pool {
    /// Jobs one owner may have waiting.
    pub const MAX_QUEUED: usize = 16;

    /// The pool that all instances of this process share. No thread runs before the first job.
    pub fn shared() -> Arc<Pool> {
        let mut shared = lock(&SHARED);
        if let Some(pool) = shared.upgrade() {
            return pool;
        }
        let num_cores = thread::available_parallelism().map_or(2, usize::from);
        // Half the cores: the other half belongs to the host. At least 2, so that a slow disk does not hold up music.
        let pool = Arc::new(Pool::with_threads((num_cores / 2).clamp(2, 8)));
        *shared = Arc::downgrade(&pool);
        pool
    }

    /// A pool of its own, for tests and one-shot programs. With 0 threads nothing runs by itself: see
    /// [`Pool::run_next`].
    pub fn with_threads(max_threads: usize) -> Self {
        let shared = Arc::new(Shared { max_threads, ..Shared::default() });
        Self { shared, next_instance: AtomicU64::new(1) }
    }

    /// A number no other instance has.
    pub fn new_instance(&self) -> u64 {
        self.next_instance.fetch_add(1, Ordering::Relaxed)
    }

    /// Queues `work` that somebody waits for. `wake` is called on the worker thread after the outcome is there.
    ///
    /// # Errors
    /// [`QueueFull`]: nothing was queued.
    pub fn submit<T: Send + 'static>(
        &self,
        owner: Owner,
        wake: impl Fn() + Send + 'static,
        work: impl FnOnce(&Progress, &CancelToken) -> T + Send + 'static,
    ) -> Result<Job<T>, QueueFull> {
        self.submit_as(Priority::Click, owner, wake, work)
    }

    /// [`Pool::submit`] with a priority. What runs is not interrupted: a priority decides who is next.
    ///
    /// # Errors
    /// [`QueueFull`]: nothing was queued.
    pub fn submit_as<T: Send + 'static>(
        &self,
        priority: Priority,
        owner: Owner,
        wake: impl Fn() + Send + 'static,
        work: impl FnOnce(&Progress, &CancelToken) -> T + Send + 'static,
    ) -> Result<Job<T>, QueueFull> {
        let job = Job { outcome: Arc::default(), progress: Progress::default(), cancel: CancelToken::default() };
        let (progress, cancel) = (job.progress.clone(), job.cancel.clone());
        let mut deposit = Deposit { outcome: job.outcome.clone(), wake: Box::new(wake), is_done: false };
        let run = Box::new(move || {
            // The closure is consumed either way: nothing half-changed is seen again.
            match catch_unwind(AssertUnwindSafe(|| work(&progress, &cancel))) {
                Ok(value) => deposit.put(JobEnd::Done(value)),
                Err(panic) => deposit.put(JobEnd::Panicked(words_of(panic.as_ref()))),
            }
        });
        self.enqueue(Queued { priority, owner, cancel: job.cancel.clone(), run })?;
        Ok(job)
    }

    /// Cancels all jobs of an instance and waits, `patience` at most, until none runs any more. True when it is so.
    pub fn leave(&self, instance: u64, patience: Duration) -> bool {
        let mut state = lock(&self.shared.state);
        let never_ran = state.line.remove(instance);
        drop(state);
        // Their owners are woken by the drop: not under the lock.
        drop(never_ran);
        state = lock(&self.shared.state);
        let is_mine = |(owner, _): &&(Owner, CancelToken)| owner.instance == instance;
        state.running.iter().filter(is_mine).for_each(|(_, token)| token.cancel());
        let is_running = |state: &mut State| state.running.iter().any(|(owner, _)| owner.instance == instance);
        let waited = self.shared.ended.wait_timeout_while(state, patience, is_running);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Runs the next job on this thread; false when none waits. For stepped tests.
    pub fn run_next(&self) -> bool {
        let next = begin(&mut lock(&self.shared.state));
        next.map(|queued| run_counted(&self.shared, queued)).is_some()
    }

    fn enqueue(&self, queued: Queued) -> Result<(), QueueFull> {
        let mut state = lock(&self.shared.state);
        let swept = state.line.push(queued, Self::MAX_QUEUED);
        // Idle threads that were woken a moment ago still count as idle, and their jobs as waiting.
        let is_short_of_threads = state.line.num_queued() > state.num_idle;
        drop(state);
        // Cancelled jobs that were swept out wake their owners when dropped: not under the lock.
        drop(swept?);
        if is_short_of_threads {
            self.shared.start_thread();
        }
        self.shared.changed.notify_one();
        Ok(())
    }
}

impl Shared {
    fn start_thread(self: &Arc<Self>) {
        let mut threads = lock(&self.threads);
        let state = lock(&self.state);
        if state.is_closing || threads.len() >= self.max_threads + state.num_waiting.min(MAX_MORE_THREADS) {
            return;
        }
        drop(state);
        let shared = self.clone();
        let name = format!("continuo-job-{}", threads.len() + 1);
        // A system out of threads leaves the job queued; the next one tries again.
        if let Ok(handle) = thread::Builder::new().name(name).spawn(move || work_until_closed(&shared)) {
            threads.push(handle);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.is_closing = true;
        state.running.iter().for_each(|(_, token)| token.cancel());
        let never_ran = std::mem::take(&mut state.line);
        drop(state);
        drop(never_ran);
        self.shared.changed.notify_all();
        // Out of the lock first: a job that is about to end may ask for it.
        let threads = std::mem::take(&mut *lock(&self.shared.threads));
        // A job that held the last Arc would join itself.
        let others = threads.into_iter().filter(|handle| handle.thread().id() != thread::current().id());
        others.for_each(|handle| drop(handle.join()));
    }
}

thread_local! {
    /// The pool whose worker this thread is.
    static POOL_OF_THREAD: RefCell<Weak<Shared>> = const { RefCell::new(Weak::new()) };
}

/// For the part of a job that only waits, for a network or another program, and for minutes of a model, which runs at low
/// priority: meanwhile another job may work in its place, up to eight more. Outside a pool it is just called.
pub fn while_waiting<T>(wait: impl FnOnce() -> T) -> T {
    let pool = POOL_OF_THREAD.with(|pool| pool.borrow().upgrade());
    let _waiting = pool.map(Waiting::begin);
    wait()
}

/// A job that waits, until it is dropped.
struct Waiting(Arc<Shared>);

impl Waiting {
    fn begin(shared: Arc<Shared>) -> Self {
        let mut state = lock(&shared.state);
        state.num_waiting += 1;
        let is_short_of_threads = state.line.num_queued() > state.num_idle;
        drop(state);
        if is_short_of_threads {
            shared.start_thread();
        }
        shared.changed.notify_one();
        Self(shared)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        lock(&self.0.state).num_waiting -= 1;
    }
}

fn work_until_closed(shared: &Arc<Shared>) {
    lower_priority();
    POOL_OF_THREAD.with(|pool| *pool.borrow_mut() = Arc::downgrade(shared));
    let mut state = lock(&shared.state);
    while !state.is_closing {
        // A job that came back from waiting works on, even if that is one more than allowed.
        let has_room = state.running.len() < shared.max_threads + state.num_waiting;
        if let Some(queued) = has_room.then(|| begin(&mut state)).flatten() {
            drop(state);
            run_counted(shared, queued);
            state = lock(&shared.state);
        } else {
            state.num_idle += 1;
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.num_idle -= 1;
        }
    }
}

/// The next job; its token is where a leaving instance or a closing pool finds it.
fn begin(state: &mut State) -> Option<Queued> {
    let queued = state.line.pop()?;
    state.running.push((queued.owner, queued.cancel.clone()));
    Some(queued)
}

/// Runs a job that has begun, unless it was cancelled meanwhile.
fn run_counted(shared: &Shared, queued: Queued) {
    let Queued { cancel, run, .. } = queued;
    if cancel.is_cancelled() {
        drop(run);
    } else {
        run();
    }
    lock(&shared.state).running.retain(|(_, token)| !token.is_same(&cancel));
    shared.ended.notify_all();
    // There is room for one more: a thread that found none may take it.
    shared.changed.notify_one();
}

/// Sound comes first: workers give way. Best effort, since a system may refuse.
fn lower_priority() {
    // 25 of 100 is a nice value of 9 on Linux, "below normal" on Windows.
    if let Ok(value) = thread_priority::ThreadPriorityValue::try_from(25) {
        let _refused =
            thread_priority::set_current_thread_priority(thread_priority::ThreadPriority::Crossplatform(value));
    }
}

/// What a panic said.
fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Jobs run outside the locks: what a panic elsewhere left behind is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
