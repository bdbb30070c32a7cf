//! `win32-window CLAP`: opens the plugin's window inside one of ours, plays meanwhile, closes and opens it again.
//!
//! Prints `open WIDTH HEIGHT` each time it is open, `takes N` whenever the library holds another number of them, closes it
//! at a line on standard input, and ends with `fine`. A script looks at the screen and clicks. Windows only.
#[cfg(windows)]
mod windows_only {
    use anyhow::{Context, Result, ensure};
    use continuo_tests::host::{Blocks, Playhead, Plugin, Roll, Song};
    use continuo_tests::session;
    use std::path::Path;
    use std::sync::mpsc::{Receiver, TryRecvError, channel};
    use std::time::{Duration, Instant};

    const RATE_HZ: u32 = 48_000;
    const BLOCK_FRAMES: usize = 480;
    /// A script that has ended must not leave a window behind.
    const PATIENCE: Duration = Duration::from_secs(600);

    pub fn main() -> Result<()> {
        let path = std::env::args_os().nth(1).context("use: win32-window CLAP")?;
        let lines = lines();
        let mut plugin = Plugin::load_from(Path::new(&path))?;
        plugin.activate(RATE_HZ, BLOCK_FRAMES)?;
        plugin.set_text("Style", "Techno minimal")?;
        let song = Song::at(124.0);
        session::generate(&mut plugin, &song, 1)?;
        let library = library::Library::new(session::data_dir()?);
        let mut head = Playhead::at_beat(&song, 0.0, f64::from(RATE_HZ));
        for _ in 0..2 {
            let (frame, (width, height)) = plugin.open_window("Continuo under Wine")?;
            println!("open {width} {height}");
            let (started, mut peak, mut num_takes) = (Instant::now(), 0.0_f32, 0);
            frame.run(|| {
                let roll = Roll::new(&song, BLOCK_FRAMES).in_blocks(Blocks::Fixed(BLOCK_FRAMES));
                peak = peak.max(roll.play_from(&mut plugin, &mut head)?.peak());
                plugin.idle();
                let now = library.list()?.len();
                if now != num_takes {
                    num_takes = now;
                    println!("takes {num_takes}");
                }
                // About real time, so that the window has its share of the machine.
                std::thread::sleep(Duration::from_millis(10));
                ensure!(started.elapsed() < PATIENCE, "nobody closes the window");
                Ok(lines.try_recv() == Err(TryRecvError::Empty))
            })?;
            ensure!(peak > 0.01, "silent while the window is open");
            let size = frame.child_size()?;
            let wanted = (i32::try_from(width)?, i32::try_from(height)?);
            ensure!(size == wanted, "the window inside is {size:?}, not {wanted:?}");
            plugin.close_window(frame)?;
            println!("closed");
        }
        println!("fine");
        Ok(())
    }

    /// A message for each line of standard input, and the end of the channel at its end.
    fn lines() -> Receiver<()> {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            while std::io::stdin().read_line(&mut line).is_ok_and(|num_bytes| num_bytes > 0) && sender.send(()).is_ok()
            {
            }
        });
        receiver
    }
}

#[cfg(windows)]
fn main() -> anyhow::Result<()> {
    windows_only::main()
}

#[cfg(not(windows))]
fn main() {
    eprintln!("win32-window is for Windows");
}
