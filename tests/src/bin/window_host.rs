//! A host with a window, told what to do by lines on standard input, for screenshots and measurements.
//!
//! `window-host CLAP` answers every line with one line, `ok ...` or `failed ...`:
//! `open SCALE`, `close`, `resize W H`, `set NAME = TEXT`, `value NAME`, `press NAME`, `roll`, `stop`, `save FILE`,
//! `load FILE`, `until FILE COUNT` (folders in FILE), `after NAME = TEXT` (milliseconds until a parameter has it),
//! `keys`, `focus`, `frames` (drawn since the first such line), `gestures` (begun and not ended), `cycle N` (opens and
//! closes), `costs`, `dawdle MS` (time between making a window and showing it), `add` (one more instance), `use N`
//! (which instance is meant), `quit`. Sound goes on in real time between the lines.
#[cfg(target_os = "linux")]
mod linux {
    use anyhow::{Context, Result, bail};
    use continuo_tests::host::{Blocks, Playhead, Plugin, Roll, Song};
    use continuo_tests::window::{Frame, FrameCounter};
    use std::io::BufRead;
    use std::path::{Path, PathBuf};
    use std::sync::mpsc::{Receiver, TryRecvError, channel};
    use std::time::{Duration, Instant};

    const RATE_HZ: u32 = 48_000;
    const BLOCK_FRAMES: usize = 480;
    const BPM: f64 = 124.0;

    struct Host {
        path: PathBuf,
        seats: Vec<Seat>,
        current: usize,
        song: Song,
        dawdle: Duration,
        next_block: Instant,
    }

    /// One instance of the plugin.
    struct Seat {
        plugin: Plugin,
        frame: Option<Frame>,
        head: Playhead,
        frames: Option<FrameCounter>,
        open_gestures: i32,
    }

    impl Seat {
        fn new(path: &Path, song: &Song) -> Result<Self> {
            let mut plugin = Plugin::load_from(path)?;
            plugin.activate(RATE_HZ, BLOCK_FRAMES)?;
            let mut head = Playhead::at_beat(song, 0.0, f64::from(RATE_HZ));
            head.is_playing = false;
            Ok(Self { plugin, frame: None, head, frames: None, open_gestures: 0 })
        }

        fn frame(&self) -> Result<&Frame> {
            self.frame.as_ref().context("no window is open")
        }

        fn close(&mut self) -> Result<()> {
            let frame = self.frame.take().context("no window is open")?;
            self.frames = None;
            self.plugin.close_window(frame)
        }

        fn block(&mut self, song: &Song) -> Result<()> {
            let mut roll = Roll::new(song, BLOCK_FRAMES).in_blocks(Blocks::Fixed(BLOCK_FRAMES));
            roll.is_playing = self.head.is_playing;
            self.open_gestures += roll.play_from(&mut self.plugin, &mut self.head)?.open_gestures;
            self.plugin.idle();
            if let (Some((width, height)), Some(frame)) = (self.plugin.wanted_size(), &self.frame) {
                self.plugin.resize_window(frame, width, height)?;
            }
            Ok(())
        }
    }

    pub fn main() -> Result<()> {
        let path = PathBuf::from(std::env::args_os().nth(1).context("use: window-host CLAP")?);
        let song = Song::at(BPM);
        let seats = vec![Seat::new(&path, &song)?];
        let mut host = Host { path, seats, current: 0, song, dawdle: Duration::ZERO, next_block: Instant::now() };
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
        host.seats.iter_mut().filter(|seat| seat.frame.is_some()).try_for_each(Seat::close)
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
            self.seats.iter_mut().try_for_each(|seat| seat.block(&self.song))
        }

        fn seat(&mut self) -> &mut Seat {
            &mut self.seats[self.current]
        }

        fn obey(&mut self, line: &str) -> Result<String> {
            let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
            match command {
                "open" => self.open(rest.parse().unwrap_or(1.0)),
                "close" => self.seat().close().map(|()| String::new()),
                "add" => {
                    self.seats.push(Seat::new(&self.path, &self.song)?);
                    self.current = self.seats.len() - 1;
                    Ok(self.current.to_string())
                }
                "use" => {
                    let number: usize = rest.parse()?;
                    self.seats.get(number).context("there is no such instance")?;
                    self.current = number;
                    Ok(String::new())
                }
                "dawdle" => {
                    self.dawdle = Duration::from_millis(rest.parse()?);
                    Ok(String::new())
                }
                "costs" => costs(),
                "frames" => {
                    let seat = self.seat();
                    if seat.frames.is_none() {
                        seat.frames = Some(FrameCounter::new(seat.frame()?.child()?.context("no window inside")?)?);
                    }
                    Ok(seat.frames.as_mut().map_or(Ok(0), FrameCounter::count)?.to_string())
                }
                "gestures" => {
                    self.block()?;
                    Ok(self.seat().open_gestures.to_string())
                }
                "after" => self.after(rest),
                "cycle" => self.cycle(rest.parse()?),
                "resize" => {
                    let (width, height) = rest.split_once(' ').context("resize W H")?;
                    let Seat { plugin, frame, .. } = self.seat();
                    let frame = frame.as_ref().context("no window is open")?;
                    let (width, height) = plugin.resize_window(frame, width.parse()?, height.parse()?)?;
                    Ok(format!("{width} {height}"))
                }
                "set" => {
                    let (name, text) = rest.split_once(" = ").context("set NAME = TEXT")?;
                    self.seat().plugin.set_text(name, text)?;
                    Ok(String::new())
                }
                "value" => {
                    let plugin = &mut self.seat().plugin;
                    let value = plugin.value(rest)?;
                    plugin.text(rest, value)
                }
                "press" => {
                    self.seat().plugin.set(&[(rest, 1.0)])?;
                    self.seat().plugin.set(&[(rest, 0.0)])?;
                    Ok(String::new())
                }
                "roll" | "stop" => {
                    self.seat().head.is_playing = command == "roll";
                    Ok(String::new())
                }
                "save" => {
                    std::fs::write(rest, self.seat().plugin.save_state()?)?;
                    Ok(String::new())
                }
                "load" => {
                    self.seat().plugin.load_state(&std::fs::read(rest)?)?;
                    Ok(String::new())
                }
                "until" => self.until(rest),
                "focus" => {
                    self.seat().frame()?.focus()?;
                    Ok(String::new())
                }
                "keys" => Ok(format!("{:?}", self.seat().frame()?.keys()?)),
                unknown => bail!("there is no command `{unknown}`"),
            }
        }

        /// Answers `ok WIDTH HEIGHT FRAME-ID CHILD-ID MS`, when the first frame is on the screen.
        fn open(&mut self, scale: f64) -> Result<String> {
            let (started, dawdle) = (Instant::now(), self.dawdle);
            let seat = self.seat();
            let (frame, (width, height)) = seat.plugin.open_window(scale, "Continuo in a test host", dawdle)?;
            let drawn = frame.wait_until_drawn((width, height));
            let ms = started.elapsed().as_secs_f64() * 1e3;
            let child = frame.child()?.unwrap_or(0);
            let told = format!("{width} {height} {} {child} {ms:.0}", frame.id());
            seat.frame = Some(frame);
            drawn.map(|_| told)
        }

        /// Opens and closes the window `count` times.
        fn cycle(&mut self, count: u32) -> Result<String> {
            for _ in 0..count {
                self.open(1.0)?;
                self.block()?;
                self.seat().close()?;
                self.block()?;
            }
            costs()
        }

        /// Plays on until a parameter reads like that; answers the milliseconds it took.
        fn after(&mut self, rest: &str) -> Result<String> {
            let (name, wanted) = rest.split_once(" = ").context("after NAME = TEXT")?;
            let started = Instant::now();
            loop {
                let plugin = &mut self.seat().plugin;
                let value = plugin.value(name)?;
                if plugin.text(name, value)? == wanted {
                    return Ok(format!("{:.1}", started.elapsed().as_secs_f64() * 1e3));
                }
                if started.elapsed() > Duration::from_secs(20) {
                    bail!("{name} never was {wanted}");
                }
                self.block()?;
            }
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

    /// What the process holds: resident kibibytes, open files, threads, and connections to the display.
    fn costs() -> Result<String> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let resident_kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        let count = |folder: &str| std::fs::read_dir(folder).map(Iterator::count);
        let (files, threads) = (count("/proc/self/fd")?, count("/proc/self/task")?);
        let (clients, resources) = continuo_tests::window::clients_and_resources()?;
        Ok(format!("{resident_kib} {files} {threads} {clients} {resources}"))
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
