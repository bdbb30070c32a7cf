//! A progress bar on a terminal.
use jobs::{Progress, ProgressReport};
use std::io::Write;
use std::time::Duration;

/// Cells of the bar.
const WIDTH: usize = 30;
/// Fast enough to look alive.
const REDRAW_EVERY: Duration = Duration::from_millis(50);

/// Runs `work` on a thread of its own and draws how far it is; the line is empty again when it is done.
pub(crate) fn with_bar<T: Send>(terminal: &mut dyn Write, work: impl FnOnce(&Progress) -> T + Send) -> T {
    let progress = Progress::default();
    let watcher = std::thread::current();
    let result = std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let result = work(&progress);
            watcher.unpark();
            result
        });
        while !worker.is_finished() {
            draw(terminal, &progress.latest());
            std::thread::park_timeout(REDRAW_EVERY);
        }
        worker.join()
    });
    // Carriage return, clear to the end of the line. A terminal that is gone needs no clearing.
    write!(terminal, "\r\x1b[K").and_then(|()| terminal.flush()).ok();
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn draw(terminal: &mut dyn Write, report: &ProgressReport) {
    let done = (report.share * WIDTH as f32).round() as usize;
    let bar: String = (0..WIDTH).map(|cell| if cell < done { '#' } else { '.' }).collect();
    let percent = report.share * 100.0;
    write!(terminal, "\r[{bar}] {percent:3.0} % {}\x1b[K", report.stage).and_then(|()| terminal.flush()).ok();
}
