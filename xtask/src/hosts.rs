//! `cargo xtask hosts`: the bundles in hosts that others wrote.
use crate::bundle::{self, Bundles};
use crate::packages::{Purpose, ensure};
use crate::{process, python, workspace};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

struct Host {
    name: &'static str,
    script: &'static str,
    limit: Duration,
    is_vst3: bool,
}

/// Limits are several times what each takes on two cores: a hung host must not hang the suite.
const HOSTS: [Host; 8] = [
    Host { name: "dawdreamer", script: "hosts/dawdreamer_host.py", limit: Duration::from_secs(600), is_vst3: true },
    Host { name: "band", script: "hosts/band_host.py", limit: Duration::from_secs(300), is_vst3: false },
    Host {
        name: "dawdreamer-band",
        script: "hosts/dawdreamer_band.py",
        limit: Duration::from_secs(300),
        is_vst3: true,
    },
    Host { name: "pedalboard", script: "hosts/pedalboard_host.py", limit: Duration::from_secs(240), is_vst3: true },
    Host { name: "ardour", script: "hosts/ardour_host.py", limit: Duration::from_secs(480), is_vst3: true },
    Host { name: "qtractor", script: "hosts/qtractor_host.py", limit: Duration::from_secs(300), is_vst3: false },
    Host { name: "ardour-window", script: "window/in_ardour.py", limit: Duration::from_secs(180), is_vst3: true },
    Host { name: "qtractor-window", script: "window/in_qtractor.py", limit: Duration::from_secs(180), is_vst3: false },
];

/// `hosts [HOST...]`: the release bundles.
///
/// # Errors
/// An unknown host, a build that fails, or hosts in which something failed; after all have run.
pub fn run(args: &[String]) -> Result<()> {
    if let Some(unknown) = args.iter().find(|arg| HOSTS.iter().all(|host| host.name != arg.as_str())) {
        let names: Vec<_> = HOSTS.iter().map(|host| host.name).collect();
        bail!("no host is called `{unknown}`; hosts: {}", names.join(" "));
    }
    ensure(Purpose::Build)?;
    let bundles = bundle::build_with_programs("release", &["headless-host", "continuo"])?;
    in_each(args, &bundles, "release")
}

/// All of them, or those in `names`, with these bundles and the programs of a profile.
///
/// # Errors
/// Hosts that cannot be installed, or in which something failed; after all have run.
pub fn in_each(names: &[String], bundles: &Bundles, programs: &str) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("the host tests need Linux: Ardour, Qtractor and a display of their own");
    }
    ensure(Purpose::Hosts)?;
    let python = python::interpreter()?;
    let mut failed = Vec::new();
    for host in HOSTS.iter().filter(|host| names.is_empty() || names.iter().any(|arg| arg == host.name)) {
        let start = Instant::now();
        println!("\n-- {}", host.name);
        if let Err(error) = run_one(host, &python, bundles, programs) {
            println!("{error:#}");
            failed.push(host.name);
        }
        println!("-- {} {:.0} s", host.name, start.elapsed().as_secs_f64());
    }
    println!("\nhosts: {} failed{}", failed.len(), failed.iter().map(|name| format!(" {name}")).collect::<String>());
    if failed.is_empty() { Ok(()) } else { bail!("failed in {}", failed.join(", ")) }
}

fn run_one(host: &Host, python: &Path, bundles: &Bundles, programs: &str) -> Result<()> {
    let out = workspace::fresh_dir(&format!("hosts/{}", host.name))?;
    let script: PathBuf = workspace::root().join("tests").join(host.script);
    let plugin = if host.is_vst3 { bundles.vst3() } else { bundles.clap() };
    let mut command = Command::new(python);
    command.arg(script).arg(plugin).arg(&out);
    command.env("CONTINUO_DATA_DIR", out.join("data")).env("CONTINUO_CONFIG_DIR", out.join("config"));
    command.env("CONTINUO_HEADLESS_HOST", workspace::program(programs, "headless-host"));
    command.env("CONTINUO_PROGRAM", workspace::program(programs, "continuo"));
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    process::check_within(&mut command, host.limit)
}
