//! The band's musical report: 18 styles, 5 seeds, 8 bars each, heard by analysers that others wrote.
use super::report_path;
use crate::packages::{Purpose, ensure};
use crate::{process, python, workspace};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const NUM_SEEDS: u64 = 5;
const BARS: &str = "8";
const NUM_PROCESSES: usize = 2;
/// Many times what the analysis takes on two cores.
const LIMIT: Duration = Duration::from_secs(3000);

struct Job {
    style: String,
    seed: u64,
    folder: PathBuf,
}

/// Renders, then measures.
///
/// # Errors
/// A build, a rendering or an analyser that fails; a target missed when `is_strict`.
pub fn run(is_strict: bool) -> Result<()> {
    ensure(Purpose::Build)?;
    process::check(&mut process::cargo(&["build", "--release", "-p", "headless", "--bin", "continuo"]))?;
    let python = python::interpreter()?;
    let takes = workspace::fresh_dir("bench/music")?;
    let started = Instant::now();
    let jobs = jobs(&takes)?;
    render_all(&jobs)?;
    println!("{} takes rendered in {:.0} s", jobs.len(), started.elapsed().as_secs_f64());
    let started = Instant::now();
    let mut report = Command::new(python);
    report.arg(workspace::root().join("tests/python/music_report.py")).arg(&takes).arg(report_path("music.md")?);
    report.args(is_strict.then_some("--strict"));
    report.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    process::check_within(&mut report, LIMIT)?;
    println!("listened to in {:.0} s; also in {}", started.elapsed().as_secs_f64(), report_path("music.md")?.display());
    Ok(())
}

/// Every take, and of each style's first one a second rendering.
fn jobs(takes: &Path) -> Result<Vec<Job>> {
    let listed = process::output(Command::new(continuo()).args(["generate", "--list-styles"]))?;
    let styles = listed.lines().filter_map(|line| line.split_whitespace().next());
    Ok(styles
        .flat_map(|style| {
            let seeds = (1..=NUM_SEEDS).map(|seed| (seed, ""));
            seeds.chain([(1, "-again")]).map(move |(seed, ending)| Job {
                style: style.to_owned(),
                seed,
                folder: takes.join(format!("{style}-{seed}{ending}")),
            })
        })
        .collect())
}

fn render_all(jobs: &[Job]) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            render(job)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..NUM_PROCESSES).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker only returns"))
    })
}

fn render(job: &Job) -> Result<()> {
    let mut command = Command::new(continuo());
    command.args(["generate", "--style", &job.style, "--seed", &job.seed.to_string(), "--bars", BARS]);
    command.arg("--out").arg(&job.folder);
    // Nobody's own styles and settings.
    let nobody = workspace::target_dir().join("bench/config");
    command.env("CONTINUO_CONFIG_DIR", &nobody).env("CONTINUO_DATA_DIR", &nobody);
    process::output(&mut command).map(drop)
}

fn continuo() -> PathBuf {
    workspace::program("release", "continuo")
}
