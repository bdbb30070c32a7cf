//! System packages on Debian and its relatives: installed when missing, as root or through sudo; else the one line
//! that does it is printed. Other systems have what a build needs, or their own ways.
use crate::process;
use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// What the packages are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Building the bundles.
    Build,
    /// Building and running the standalone program.
    Standalone,
    /// The DAWs and what they need to run without a screen.
    Hosts,
    /// What the numbers are compared with.
    Bench,
    /// What the checks against other people's libraries play and encode with.
    Checks,
    /// Programs that files are dragged into.
    Drag,
    /// The C compiler for Windows, for what is built or checked for it.
    Windows,
    /// Running what was built for Windows, on a display of its own.
    Wine,
    /// A Debian in a folder, for a Wine that draws our window.
    Chroot,
}

impl Purpose {
    fn packages(self) -> &'static [&'static str] {
        match self {
            Purpose::Build => &["gcc", "libc6-dev", "pkg-config"],
            Purpose::Standalone => &["gcc", "libc6-dev", "pkg-config", "libasound2-dev", "libjack-jackd2-dev"],
            Purpose::Hosts => &[
                "ardour",
                "qtractor",
                "jackd2",
                "xvfb",
                "openbox",
                "xsettingsd",
                "xdotool",
                "imagemagick",
                "x11-utils",
                "libgl1-mesa-dri",
                "libgl1",
                "gcc",
                "libc6-dev",
                "python3-venv",
            ],
            Purpose::Bench => &["rubberband-cli", "python3-venv"],
            Purpose::Checks => &[
                "fluidsynth",
                "fluid-soundfont-gm",
                "flac",
                "lame",
                "vorbis-tools",
                "sox",
                "libsox-fmt-mp3",
                "ffmpeg",
                "python3-venv",
            ],
            Purpose::Drag => &["python3-gi", "gir1.2-gtk-3.0", "python3-pyqt5"],
            Purpose::Windows => &["gcc-mingw-w64-x86-64-posix"],
            Purpose::Wine => &[
                "wine64",
                "xvfb",
                "openbox",
                "xsettingsd",
                "xdotool",
                "x11-utils",
                "imagemagick",
                "libgl1-mesa-dri",
                "libgl1",
            ],
            Purpose::Chroot => &["debootstrap"],
        }
    }
}

/// `setup [build|standalone|hosts|bench|checks|windows|wine]`; everything without a word.
///
/// # Errors
/// An unknown word, or packages that cannot be installed.
pub fn run(args: &[String]) -> Result<()> {
    let purposes = match args.first().map(String::as_str) {
        None => {
            vec![Purpose::Build, Purpose::Standalone, Purpose::Hosts, Purpose::Bench, Purpose::Checks, Purpose::Drag]
        }
        Some("build") => vec![Purpose::Build],
        Some("standalone") => vec![Purpose::Standalone],
        Some("hosts") => vec![Purpose::Hosts],
        Some("bench") => vec![Purpose::Bench],
        Some("checks") => vec![Purpose::Checks],
        Some("drag") => vec![Purpose::Hosts, Purpose::Drag],
        Some("windows") => vec![Purpose::Windows],
        Some("wine") => vec![Purpose::Windows, Purpose::Wine],
        Some(other) => {
            bail!("`setup` knows build, standalone, hosts, bench, checks, windows and wine, not `{other}`")
        }
    };
    purposes.into_iter().try_for_each(ensure)
}

/// Installs what is missing.
///
/// # Errors
/// When something is missing and cannot be installed from here; names the line that would do it.
pub fn ensure(purpose: Purpose) -> Result<()> {
    if !cfg!(target_os = "linux") || !starts("dpkg-query", &["--version"]) {
        return Ok(());
    }
    let missing: Vec<&str> = purpose.packages().iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = format!("apt-get install --yes --no-install-recommends {}", missing.join(" "));
    println!("installing: {}", missing.join(" "));
    let prefix: &[&str] = if is_root() {
        &[]
    } else if starts("sudo", &["-n", "true"]) {
        &["sudo", "-n"]
    } else {
        bail!("system packages are missing and this user may not install them; run\n  sudo {install}");
    };
    apt(prefix, "apt-get update --quiet=2")?;
    apt(prefix, &install)
}

fn apt(prefix: &[&str], line: &str) -> Result<()> {
    // `env` carries the setting through sudo, which clears the environment.
    let words: Vec<&str> =
        prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive"]).chain(line.split(' ')).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdout(Stdio::null());
    process::check(&mut command)
}

fn is_installed(package: &str) -> bool {
    process::output(Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn starts(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
