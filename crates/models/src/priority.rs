//! Threads that compute step back behind audio and window.

/// Lowers the priority of the calling thread, as the job workers have it. Where the system refuses, it stays as it is.
pub(crate) fn lower() {
    // 25 of 0..=99 is low but not idle.
    if let Ok(value) = thread_priority::ThreadPriorityValue::try_from(25) {
        thread_priority::set_current_thread_priority(thread_priority::ThreadPriority::Crossplatform(value)).ok();
    }
}
