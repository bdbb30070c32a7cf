//! `cargo xtask bench`: speed and memory against the targets; `bench --music`: is it music.
use crate::packages::{Purpose, ensure};
use crate::{bundle, process, python, workspace};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

/// `bench [--music]`.
///
/// # Errors
/// Unknown arguments, a build that fails, or music that misses a target.
pub fn run(args: &[String]) -> Result<()> {
    match args {
        [] => speed(),
        [flag] if flag == "--music" => music(),
        _ => bail!("`bench` takes nothing but `--music`"),
    }
}

struct Row {
    what: &'static str,
    target: &'static str,
    measured: String,
}

fn speed() -> Result<()> {
    ensure(Purpose::Build)?;
    bundle::build("release")?;
    let host = ["build", "--release", "-p", "continuo-tests", "--bin", "headless-host"];
    process::check(&mut process::cargo(&host))?;
    let measured = measure()?;
    let compose = process::output(&mut example("composer", "bench_compose"))?;
    let engine = process::output(&mut example("engine", "bench_engine"))?;
    let number = |key: &str| measured[key].as_f64().with_context(|| format!("headless-host measured no {key}"));
    let notes = compose.lines().last().and_then(|line| line.split(':').nth(1)).unwrap_or("?").trim();
    let rows = [
        Row {
            what: "8 bars, all stems, one core: median of the styles",
            target: "<= 100 ms",
            measured: format!("{:.0} ms", number("generate_median_ms")?),
        },
        Row {
            what: "8 bars, all stems, one core: slowest style",
            target: "<= 100 ms",
            measured: format!(
                "{:.0} ms ({})",
                number("generate_worst_ms")?,
                measured["generate_worst_style"].as_str().unwrap_or_default()
            ),
        },
        Row { what: "the notes of 8 bars, slowest style", target: "<= 1 ms", measured: notes.to_owned() },
        Row {
            what: "memory of an idle instance",
            target: "<= 60 MB",
            measured: format!("{:.1} MB", number("idle_instance_kib")? / 1024.0),
        },
        Row {
            what: "time to construct an instance",
            target: "<= 20 ms",
            measured: format!("{:.2} ms", number("construct_us")? / 1e3),
        },
    ];
    println!("\n{:52} {:>12}  measured here", "", "target");
    for row in rows {
        println!("{:52} {:>12}  {}", row.what, row.target, row.measured);
    }
    println!("\naudio thread, {engine}");
    Ok(())
}

fn example(package: &str, name: &str) -> Command {
    process::cargo(&["run", "--quiet", "--release", "-p", package, "--example", name])
}

fn measure() -> Result<Value> {
    let mut host = Command::new(workspace::program("release", "headless-host"));
    host.arg("measure").arg(bundle::clap());
    host.env("CONTINUO_DATA_DIR", workspace::fresh_dir("bench")?);
    host.env("CONTINUO_CONFIG_DIR", workspace::target_dir().join("bench/config"));
    let told = process::output(&mut host)?;
    serde_json::from_str(&told).with_context(|| format!("headless-host measured `{told}`"))
}

/// 18 styles, 5 seeds each, listened to by tools that are not ours.
fn music() -> Result<()> {
    ensure(Purpose::Build)?;
    process::check(&mut process::cargo(&["build", "--release", "-p", "headless", "--bin", "continuo"]))?;
    let python = python::interpreter()?;
    let out = workspace::fresh_dir("music")?;
    let mut report = Command::new(python);
    report.arg(workspace::root().join("tests/python/music_report.py"));
    report.arg(workspace::program("release", "continuo")).arg(out);
    report.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    process::check_within(&mut report, Duration::from_secs(3000))
}
