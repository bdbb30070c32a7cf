//! A host with a window, told what to do by lines on standard input, for screenshots and measurements.
//!
//! `window-host CLAP` answers every line with one line, `ok ...` or `failed ...`:
//! `open SCALE`, `close`, `resize W H`, `set NAME = TEXT`, `press NAME`, `roll`, `stop`, `save FILE`, `load FILE`,
//! `until FILE COUNT` (folders in FILE), `keys`, `focus`, `cycle N` (opens and closes), `quit`. Sound goes on in real
//! time between the lines.
#[cfg(target_os = "linux")]
mod linux {
    use anyhow::{Context, Result, bail};
    use continuo_tests::host::{Blocks, Playhead, Plugin, Roll, Song};
    use continuo_tests::window::Frame;
    use std::io::BufRead;
    use std::path::Path;
    use std::sync::mpsc::{Receiver, TryRecvError, channel};
    use std::time::{Duration, Instant};

    const RATE_HZ: u32 = 48_000;
    const BLOCK_FRAMES: usize = 480;
    const BPM: f64 = 124.0;

    struct Host {
        plugin: Plugin,
        frame: Option<Frame>,
        song: Song,
        head: Playhead,
        next_block: Instant,
    }

    pub fn main() -> Result<()> {
        let path = std::env::args_os().nth(1).context("use: window-host CLAP")?;
        let mut plugin = Plugin::load_from(Path::new(&path))?;
        plugin.activate(RATE_HZ, BLOCK_FRAMES)?;
        let song = Song::at(BPM);
        let mut head = Playhead::at_beat(&song, 0.0, f64::from(RATE_HZ));
        head.is_playing = false;
        let mut host = Host { plugin, frame: None, song, head, next_block: Instant::now() };
        let lines = lines();
        loop {
            host.block()?;
            match lines.try_recv() {
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => break,
                Ok(line) if line.trim() == "quit" => break,
                Ok(line) => match host.obey(line.trim()) {
                    Ok(told) => println!("ok {told}"),
                    Err(error) => println!("failed {error:#}"),
                },
            }
        }
        if let Some(frame) = host.frame.take() {
            host.plugin.close_window(frame)?;
        }
        Ok(())
    }

    /// Standard input, line by line, without waiting for it.
    fn lines() -> Receiver<String> {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        receiver
    }

    impl Host {
        /// One block of sound at its time; a host that is late does not catch up.
        fn block(&mut self) -> Result<()> {
            let now = Instant::now();
            if let Some(wait) = self.next_block.checked_duration_since(now) {
                std::thread::sleep(wait);
            }
            let pace = Duration::from_secs_f64(BLOCK_FRAMES as f64 / f64::from(RATE_HZ));
            self.next_block = self.next_block.max(now) + pace;
            let mut roll = Roll::new(&self.song, BLOCK_FRAMES).in_blocks(Blocks::Fixed(BLOCK_FRAMES));
            roll.is_playing = self.head.is_playing;
            roll.play_from(&mut self.plugin, &mut self.head)?;
            self.plugin.idle();
            if let (Some((width, height)), Some(frame)) = (self.plugin.wanted_size(), &self.frame) {
                self.plugin.resize_window(frame, width, height)?;
            }
            Ok(())
        }

        fn obey(&mut self, line: &str) -> Result<String> {
            let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
            match command {
                "open" => self.open(rest.parse().unwrap_or(1.0)),
                "close" => {
                    let frame = self.frame.take().context("no window is open")?;
                    self.plugin.close_window(frame)?;
                    Ok(String::new())
                }
                "cycle" => self.cycle(rest.parse()?),
                "resize" => {
                    let (width, height) = rest.split_once(' ').context("resize W H")?;
                    let frame = self.frame.as_ref().context("no window is open")?;
                    let (width, height) = self.plugin.resize_window(frame, width.parse()?, height.parse()?)?;
                    Ok(format!("{width} {height}"))
                }
                "set" => {
                    let (name, text) = rest.split_once(" = ").context("set NAME = TEXT")?;
                    self.plugin.set_text(name, text)?;
                    Ok(String::new())
                }
                "value" => {
                    let value = self.plugin.value(rest)?;
                    self.plugin.text(rest, value)
                }
                "press" => {
                    self.plugin.set(&[(rest, 1.0)])?;
                    self.plugin.set(&[(rest, 0.0)])?;
                    Ok(String::new())
                }
                "roll" | "stop" => {
                    self.head.is_playing = command == "roll";
                    Ok(String::new())
                }
                "save" => {
                    std::fs::write(rest, self.plugin.save_state()?)?;
                    Ok(String::new())
                }
                "load" => {
                    self.plugin.load_state(&std::fs::read(rest)?)?;
                    Ok(String::new())
                }
                "until" => self.until(rest),
                "focus" => {
                    self.frame.as_ref().context("no window is open")?.focus()?;
                    Ok(String::new())
                }
                "keys" => Ok(format!("{:?}", self.frame.as_ref().context("no window is open")?.keys()?)),
                unknown => bail!("there is no command `{unknown}`"),
            }
        }

        /// Answers `ok WIDTH HEIGHT FRAME-ID CHILD-ID MS`, when the first frame is on the screen.
        fn open(&mut self, scale: f64) -> Result<String> {
            let started = Instant::now();
            let (frame, (width, height)) = self.plugin.open_window(scale, "Continuo in a test host")?;
            frame.wait_until_drawn((width, height))?;
            let ms = started.elapsed().as_secs_f64() * 1e3;
            let child = frame.child()?.unwrap_or(0);
            let told = format!("{width} {height} {} {child} {ms:.0}", frame.id());
            self.frame = Some(frame);
            Ok(told)
        }

        /// Opens and closes the window `count` times; answers resident kibibytes before, after ten, after all.
        fn cycle(&mut self, count: u32) -> Result<String> {
            let mut told = vec![resident_kib()?];
            for number in 1..=count {
                self.open(1.0)?;
                self.block()?;
                let frame = self.frame.take().context("no window is open")?;
                self.plugin.close_window(frame)?;
                self.block()?;
                if number == 10 || number == count {
                    told.push(resident_kib()?);
                }
            }
            Ok(told.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
        }

        /// Plays on until a folder has so many entries; thirty seconds at most.
        fn until(&mut self, rest: &str) -> Result<String> {
            let (folder, count) = rest.rsplit_once(' ').context("until FOLDER COUNT")?;
            let count: usize = count.parse()?;
            let end = Instant::now() + Duration::from_secs(60);
            loop {
                let entries = std::fs::read_dir(folder).map(|entries| {
                    let names = entries.flatten().map(|entry| entry.file_name());
                    names.filter(|name| !name.to_string_lossy().starts_with('.')).count()
                });
                match entries {
                    Ok(found) if found >= count => return Ok(found.to_string()),
                    _ if Instant::now() > end => bail!("{folder} never had {count} entries"),
                    _ => self.block()?,
                }
            }
        }
    }

    fn resident_kib() -> Result<u64> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("window-host needs X11");
}
