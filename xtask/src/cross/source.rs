//! The source of the compiler's own standard library, from Debian's `rust-src`.
//!
//! The machine's package sources stay as they are: apt gets a root of its own under the target folder.
use crate::process::{self, Skipped};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Debian's suites, the likeliest first: a source must be of exactly the compiler's version.
const SUITES: [&str; 4] = ["trixie-backports", "trixie", "forky", "sid"];
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// Fetching a list of 10 MB or a package of 45 MB, on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// The `library` folder of exactly `version` (such as `1.95.0`) under `home`.
///
/// # Errors
/// What the file system says. A network or a package that is not there is [`Skipped`].
pub fn ensure(home: &Path, version: &str) -> Result<PathBuf> {
    let library = home.join("library");
    let stamp = home.join("library-version.txt");
    if fs::read_to_string(&stamp).is_ok_and(|unpacked| unpacked == version) {
        return Ok(library);
    }
    if !Path::new(KEYRING).exists() {
        bail!(Skipped("this is no Debian, whose package rust-src holds the library's source".to_owned()));
    }
    let Some((apt, package)) = find(home, version)? else {
        bail!(Skipped(format!("Debian has no rust-src {version} (any more)")));
    };
    println!("fetching the source of Rust's library: rust-src {package}");
    let mut download = apt.command("apt-get", &["-qq", "download", &format!("rust-src={package}")]);
    if let Err(error) = process::check_within(download.current_dir(home), LIMIT) {
        bail!(Skipped(format!("rust-src {package} cannot be fetched ({error})")));
    }
    unpack(home, &library)?;
    fs::write(stamp, version)?;
    Ok(library)
}

/// The first suite's package for a compiler's version. One suite after the other: most lists are large.
fn find(home: &Path, version: &str) -> Result<Option<(Apt, String)>> {
    for suite in SUITES {
        let apt = Apt::new(home, suite)?;
        if process::check_within(&mut apt.command("apt-get", &["-qq", "update"]), LIMIT).is_err() {
            // The others would not come either, only later.
            bail!(Skipped(format!("Debian's package list of {suite} cannot be fetched")));
        }
        let listed = process::output(&mut apt.command("apt-cache", &["madison", "rust-src"]))?;
        if let Some(package) = package_version(&listed, version) {
            return Ok(Some((apt, package.to_owned())));
        }
    }
    Ok(None)
}

/// apt's package version for a compiler's version, from `apt-cache madison`: `rust-src | 1.95.0+dfsg1-2 | ...`.
fn package_version<'a>(listed: &'a str, version: &str) -> Option<&'a str> {
    let versions = listed.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
    let mut fitting =
        versions.filter(|package| package.strip_prefix(version).is_some_and(|rest| rest.starts_with('+')));
    fitting.next()
}

/// Takes the folder `library` out of the downloaded package.
fn unpack(home: &Path, library: &Path) -> Result<()> {
    if library.exists() {
        fs::remove_dir_all(library)?;
    }
    let debs = fs::read_dir(home)?.flatten().map(|entry| entry.path());
    let mut debs = debs.filter(|path| path.extension().is_some_and(|extension| extension == "deb"));
    let deb = debs.next().context("apt left no package")?;
    let mut opened = Command::new("dpkg-deb").arg("--fsys-tarfile").arg(&deb).stdout(Stdio::piped()).spawn()?;
    let tar = opened.stdout.take().context("dpkg-deb gave nothing")?;
    let words =
        ["-x", "--strip-components=4", "--wildcards", "--no-wildcards-match-slash", "./usr/src/rustc-*/library"];
    let done = Command::new("tar").args(words).current_dir(home).stdin(tar).status()?;
    opened.wait()?;
    anyhow::ensure!(done.success() && library.join("std").exists(), "{} holds no library", deb.display());
    Ok(fs::remove_file(deb)?)
}

/// apt with lists, cache and sources of its own: one suite.
struct Apt {
    settings: Vec<String>,
}

impl Apt {
    fn new(home: &Path, suite: &str) -> Result<Apt> {
        let at = |name: &str| home.join(name);
        for dir in ["apt", "lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(at(dir)).with_context(|| format!("cannot make {dir} in {}", home.display()))?;
        }
        let mirror = mirror();
        let line = format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n");
        fs::write(at("apt/sources.list"), line)?;
        fs::write(at("apt/status"), "")?;
        let paths = [
            ("Dir::Etc::SourceList", at("apt/sources.list")),
            ("Dir::State::Lists", at("lists")),
            ("Dir::State::Status", at("apt/status")),
            ("Dir::Cache", at("cache")),
        ];
        let paths = paths.into_iter().map(|(name, path)| format!("{name}={}", path.display()));
        let words = [
            "Dir::Etc::SourceParts=/dev/null",
            "Dir::Etc::Preferences=/dev/null",
            "Dir::Etc::PreferencesParts=/dev/null",
            "Acquire::Languages=none",
            "Acquire::http::Timeout=20",
            "Acquire::Retries=1",
            "APT::Update::Error-Mode=any",
            "APT::Sandbox::User=root",
        ];
        Ok(Apt { settings: paths.chain(words.map(str::to_owned)).collect() })
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        self.settings.iter().for_each(|setting| {
            command.args(["-o", setting]);
        });
        command.args(args);
        command
    }
}

/// The mirror this machine's own sources name, else Debian's.
pub fn mirror() -> String {
    const DEBIAN: &str = "http://deb.debian.org/debian/";
    let mut asked = Command::new("apt-get");
    asked.args(["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"]);
    let named = process::output(&mut asked).unwrap_or_default();
    let mut fitting = named.lines().filter(|uri| uri.trim_end_matches('/').ends_with("/debian"));
    fitting.next().unwrap_or(DEBIAN).to_owned()
}

#[cfg(test)]
mod tests {
    use super::package_version;

    #[test]
    fn only_the_compilers_own_version_will_do() {
        let listed = "  rust-src | 1.96.1+dfsg1-1 | http://mirror sid/main amd64 Packages\n\
                      rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://mirror trixie-backports/main amd64 Packages\n";
        assert_eq!(package_version(listed, "1.95.0"), Some("1.95.0+dfsg1-2~bpo13+1"));
        assert_eq!(package_version(listed, "1.95"), None, "1.95 is not 1.95.0");
        assert_eq!(package_version(listed, "1.94.0"), None);
        assert_eq!(package_version("", "1.95.0"), None);
    }
}
