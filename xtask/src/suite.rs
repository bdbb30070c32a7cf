//! `cargo xtask test`: everything that has to be green, in groups that all run and are all listed.
use crate::packages::{Purpose, ensure};
use crate::process::{Skipped, cargo, check, check_within};
use crate::{bundle, cross, hosts, python, tidy, workspace};
use anyhow::{Result, bail};
use std::process::Command;
use std::time::{Duration, Instant};

/// One comparison.
const PEER_LIMIT: Duration = Duration::from_secs(900);
/// All drags.
const DRAG_LIMIT: Duration = Duration::from_secs(900);
/// Some two minutes on a quiet machine, most of them two hundred openings.
const WINDOW_LIMIT: Duration = Duration::from_secs(600);

struct Group {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<()>,
}

/// How a group ended.
enum End {
    Passed,
    /// Nothing is wrong, but this machine cannot do all of it; why.
    Skipped(String),
    Failed,
}

/// In the order that says soonest what is wrong. One build and no more but for `rtcheck`: everything as `dev`, always in
/// the one call of [`build`]. `lint` and `cross` only check, the latter for three other systems.
const GROUPS: [Group; 11] = [
    Group { name: "format", what: "rustfmt", run: format },
    Group { name: "tidy", what: "imports, audio-thread rules, file lengths", run: tidy::run },
    Group { name: "lint", what: "clippy, warnings are errors", run: lint },
    Group { name: "docs", what: "rustdoc, warnings are errors", run: docs },
    Group {
        name: "unit",
        what: "tests of every crate; in our host, where an allocation in the callback aborts",
        run: unit,
    },
    Group { name: "peers", what: "our numbers beside other libraries': tests/python/check_*.py", run: peers },
    Group { name: "window", what: "the real window: opened, closed, clicked, typed into", run: window },
    Group { name: "drag", what: "files dragged into GTK, Qt, Qtractor and Ardour, and out of them", run: drag },
    Group { name: "hosts", what: "the bundles in DawDreamer, pedalboard, Ardour, Qtractor", run: all_hosts },
    Group { name: "cross", what: "types and lints for Windows and both Macs", run: cross::check },
    Group { name: "rtcheck", what: "our host with the release code and the same guard", run: rtcheck },
];

/// `test [GROUP...]`.
///
/// # Errors
/// An unknown group, or groups that failed; after all have run.
pub fn run(args: &[String]) -> Result<()> {
    if let Some(unknown) = args.iter().find(|arg| GROUPS.iter().all(|group| group.name != arg.as_str())) {
        let names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
        bail!("there is no group `{unknown}`; groups: {}", names.join(" "));
    }
    let wanted: Vec<&Group> =
        GROUPS.iter().filter(|group| args.is_empty() || args.iter().any(|a| a == group.name)).collect();
    ensure(Purpose::Build)?;
    let mut results = Vec::new();
    for group in wanted {
        println!("\n==== {}: {}", group.name, group.what);
        let start = Instant::now();
        let result = (group.run)();
        results.push((group.name, end_of(result), start.elapsed().as_secs_f64()));
    }
    println!("\n==== groups\n{}", summary(&results));
    let failed: Vec<&str> =
        results.iter().filter(|(_, end, _)| matches!(end, End::Failed)).map(|(name, ..)| *name).collect();
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

fn end_of(result: Result<()>) -> End {
    match result {
        Ok(()) => End::Passed,
        Err(error) if error.is::<Skipped>() => End::Skipped(error.to_string()),
        Err(error) => {
            println!("{error:#}");
            End::Failed
        }
    }
}

/// A line for each group, and how many there are of each kind. What was skipped did not pass.
fn summary(results: &[(&str, End, f64)]) -> String {
    let (mut lines, mut num_passed, mut num_skipped, mut num_failed) = (String::new(), 0, 0, 0);
    for (name, end, seconds) in results {
        let (count, told) = match end {
            End::Passed => (&mut num_passed, format!("{name:8} passed  {seconds:7.1} s")),
            End::Skipped(why) => (&mut num_skipped, format!("{name:8} SKIPPED {seconds:7.1} s  {}", one_line(why))),
            End::Failed => (&mut num_failed, format!("{name:8} FAILED  {seconds:7.1} s")),
        };
        *count += 1;
        lines += &told;
        lines.push('\n');
    }
    lines + &format!("{num_passed} passed, {num_skipped} skipped, {num_failed} failed")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn format() -> Result<()> {
    check(&mut cargo(&["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    check(&mut cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn docs() -> Result<()> {
    check(
        cargo(&["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"),
    )
}

/// The `dev` profile of everything. Always this choice: cargo gives a dependency the features that the chosen packages
/// ask for, and builds it anew for every other choice.
const EVERYTHING: [&str; 5] = ["--workspace", "--lib", "--bins", "--tests", "--examples"];

fn build() -> Result<()> {
    check(cargo(&["build"]).args(EVERYTHING))
}

fn unit() -> Result<()> {
    build()?;
    let mut tests = cargo(&["test", "--no-fail-fast"]);
    check(tests.args(EVERYTHING).env("ORT_DYLIB_PATH", python::onnxruntime()?))
}

/// Every `tests/python/check_*.py`, each against libraries that others wrote.
fn peers() -> Result<()> {
    ensure(Purpose::Hosts)?;
    ensure(Purpose::Checks)?;
    build()?;
    let python = python::interpreter()?;
    let mut scripts: Vec<_> = std::fs::read_dir(workspace::root().join("tests/python"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("check_") && name.ends_with(".py")
        })
        .collect();
    scripts.sort();
    let mut failed = Vec::new();
    for script in &scripts {
        println!("\n-- {}", script.display());
        let mut command = Command::new(&python);
        command.arg(script).env("CONTINUO_BUILT", workspace::profile_dir("dev"));
        command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        if let Err(error) = check_within(&mut command, PEER_LIMIT) {
            println!("{error:#}");
            failed.push(script.display().to_string());
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

/// The built plugin's window in a host of ours.
fn window() -> Result<()> {
    ensure(Purpose::Hosts)?;
    build()?;
    let mut command = Command::new(python::interpreter()?);
    command.arg(workspace::root().join("tests/window/behaviour.py"));
    command.arg(workspace::program("dev", "window-host")).arg(workspace::plugin_library("dev"));
    command.arg(workspace::fresh_dir("window")?);
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    check_within(&mut command, WINDOW_LIMIT)
}

/// What a mouse drags between a window of ours and programs that others wrote.
fn drag() -> Result<()> {
    ensure(Purpose::Hosts)?;
    ensure(Purpose::Drag)?;
    build()?;
    let example = workspace::target_dir().join("debug/examples/drag_window");
    let mut command = Command::new(python::interpreter()?);
    command.arg(workspace::root().join("tests/drag/run.py")).arg(example).arg(workspace::fresh_dir("drag")?);
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    check_within(&mut command, DRAG_LIMIT)
}

fn rtcheck() -> Result<()> {
    let plugin = bundle::build("rtcheck")?.clap();
    let mut tests = cargo(&["test", "--no-fail-fast", "--workspace", "--test", "host_*"]);
    check(tests.env("CONTINUO_CLAP", plugin.canonicalize()?).env("ORT_DYLIB_PATH", python::onnxruntime()?))
}

fn all_hosts() -> Result<()> {
    build()?;
    hosts::in_each(&[], &bundle::bundle("dev")?, "dev")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_did_not_pass() {
        let skipped = end_of(Err(Skipped("no network,\n  no source".to_owned()).into()));
        let results = [("unit", end_of(Ok(())), 1.0), ("cross", skipped, 2.0), ("hosts", End::Failed, 3.0)];
        let lines = summary(&results);
        assert!(lines.contains("cross    SKIPPED     2.0 s  no network, no source\n"), "{lines}");
        assert!(lines.ends_with("1 passed, 1 skipped, 1 failed"), "{lines}");
    }

    #[test]
    fn a_failure_is_not_a_skip() {
        assert!(matches!(end_of(Err(anyhow::anyhow!("it does not build"))), End::Failed));
    }
}
