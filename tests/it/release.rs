//! `deploy/release.sh` with a fake `docker` that keeps state (`tests/fixtures/docker`): whichever command fails, the version that
//! served before serves afterwards, and the exit status says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::harness::workspace;

/// The new version serves, the old one does, nothing does.
const NEW: i32 = 0;
const OLD: i32 = 1;
const NOTHING: i32 = 2;

/// More calls of Docker than any release makes.
const CALLS: usize = 120;

/// A machine with the fake Docker, an environment file and archives.
struct Machine {
    folder: TempDir,
}

/// How a run of the script ended.
#[derive(Debug)]
struct Ended {
    /// `None` when a signal ended it.
    status: Option<i32>,
    said: String,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("makes a folder");
        fs::write(folder.path().join("env"), "APP_ENV=production\n").expect("writes");
        fs::create_dir(folder.path().join("docker")).expect("makes a folder");
        Self { folder }
    }

    /// One on which revision `old` serves.
    fn serving() -> Self {
        let machine = Self::new();
        let ended = machine.deploy("old", "ready_after=1");
        assert_eq!(ended.status, Some(NEW), "{ended:?}");
        for name in ["calls", "events", "log"] {
            machine.clear(name);
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("docker").join(name)
    }

    fn set(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("writes");
    }

    fn clear(&self, name: &str) {
        let path = self.path(name);
        if path.exists() {
            fs::remove_file(path).expect("removes");
        }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn calls(&self) -> usize {
        self.read("calls").trim().parse().unwrap_or(0)
    }

    fn archive(&self, revision: &str, behaviour: &str) -> PathBuf {
        let path = self.folder.path().join(format!("{revision}.tar"));
        let text = format!("hijrah:{revision}\nsha256:{revision}\n{behaviour}\n");
        fs::write(&path, text).expect("writes");
        path
    }

    fn script(&self, arguments: &[&str]) -> Ended {
        let fake = workspace().join("tests/fixtures/docker");
        let path = std::env::var("PATH").expect("has a search path");
        // The shell becomes the script, so that the fake knows which process to signal.
        let run = "echo $$ >\"$FAKE_DOCKER/caller\"; exec sh \"$0\" \"$@\"";
        let output = Command::new("sh")
            .args(["-c", run])
            .arg(workspace().join("deploy/release.sh"))
            .args(arguments)
            .env("PATH", format!("{}:{path}", fake.display()))
            .env("FAKE_DOCKER", self.folder.path().join("docker"))
            // The clock is the fake's; fewer rounds are fewer calls to try.
            .env("STEADY_SECONDS", "4")
            .env("ENV_FILE", self.folder.path().join("env"))
            .stdin(Stdio::null())
            .output()
            .expect("runs the script");
        Ended {
            status: output.status.code(),
            said: String::from_utf8_lossy(&output.stderr).into_owned()
                + &String::from_utf8_lossy(&output.stdout),
        }
    }

    fn deploy(&self, revision: &str, behaviour: &str) -> Ended {
        let archive = self.archive(revision, behaviour);
        let env = self.folder.path().join("env");
        let ended = self.script(&[text(&archive), text(&env)]);
        if ended.status.is_some() {
            assert!(!archive.exists(), "the archive stays: {ended:?}");
        }
        ended
    }

    fn docker(&self, arguments: &[&str]) -> String {
        let output = Command::new(workspace().join("tests/fixtures/docker/docker"))
            .args(arguments)
            .env("FAKE_DOCKER", self.folder.path().join("docker"))
            .output()
            .expect("runs the fake");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn containers(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path("containers"))
            .into_iter()
            .flatten()
            .map(|entry| {
                entry
                    .expect("lists")
                    .file_name()
                    .into_string()
                    .expect("is text")
            })
            .collect();
        names.sort();
        names
    }

    /// The revision that answers on port 5000, if any.
    fn serves(&self) -> Option<String> {
        for fault in [
            "fail_call",
            "fail_word",
            "fail_late",
            "disk_full",
            "signal_call",
        ] {
            self.clear(fault);
        }
        let answering: Vec<String> = self
            .containers()
            .into_iter()
            .filter(|name| {
                self.read(&format!("containers/{name}/port")) == "5000:5000"
                    && self.docker(&["inspect", "--format", "{{.State.Health.Status}}", name])
                        == "healthy"
            })
            .collect();
        assert!(answering.len() <= 1, "{answering:?}");
        let image = self.read(&format!("containers/{}/image", answering.first()?));
        Some(image.trim().trim_start_matches("sha256:").to_owned())
    }

    fn revisions(&self) -> Vec<String> {
        let tags = self.docker(&["images", "--format", "{{.Tag}}", "hijrah"]);
        let mut tags: Vec<String> = tags
            .lines()
            .map(str::to_owned)
            .filter(|tag| tag != "previous")
            .collect();
        tags.sort();
        tags
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("is text")
}

/// Checks that the exit status is right and that the only container left is the one that serves.
fn check(machine: &Machine, ended: &Ended, expected: i32, revision: Option<&str>, case: &str) {
    let serves = machine.serves();
    assert_eq!(
        (ended.status, serves.as_deref()),
        (Some(expected), revision),
        "{case}: {ended:?}\n{}",
        machine.read("log")
    );
    let containers = machine.containers();
    let left: &[&str] = if revision.is_some() { &["hijrah"] } else { &[] };
    assert_eq!(containers, left, "{case}: {ended:?}");
    let events = machine.read("events");
    assert!(!events.contains("beside it: no"), "{case}: {events}");
}

/// Releases a version: either it serves, or the old one still does. Returns how many commands the release ran.
fn serves_after(machine: &Machine, behaviour: &str, case: &str) -> usize {
    let ended = machine.deploy("new", behaviour);
    let calls = machine.calls();
    match ended.status {
        Some(NEW) => check(machine, &ended, NEW, Some("new"), case),
        _ => check(machine, &ended, OLD, Some("old"), case),
    }
    calls
}

#[test]
fn a_first_deployment_migrates_and_seeds() {
    let machine = Machine::new();
    let ended = machine.deploy("a", "ready_after=5");
    check(&machine, &ended, NEW, Some("a"), "first");
    let log = machine.read("log");
    let order = [
        "server config check",
        "migration up",
        "seed",
        "--name hijrah-next",
        "--name hijrah --restart unless-stopped --publish 5000:5000",
    ];
    let places: Vec<_> = order
        .iter()
        .map(|part| {
            log.find(part)
                .unwrap_or_else(|| panic!("no '{part}' in {log}"))
        })
        .collect();
    assert!(places.is_sorted(), "{log}");
    let migration = log
        .lines()
        .find(|line| line.ends_with("migration up"))
        .expect("migrates");
    assert!(
        migration.contains("--volume hijrah-uploads:/var/lib/hijrah/data"),
        "{migration}"
    );
    let status = machine.script(&["status"]);
    assert!(
        status.status == Some(0) && status.said.contains("hijrah:a"),
        "{status:?}"
    );
}

#[test]
fn secrets_reach_the_migration_and_the_server() {
    let machine = Machine::new();
    let secrets = machine.folder.path().join("secrets");
    fs::create_dir(&secrets).expect("makes a folder");
    let ended = machine.deploy("a", "");
    check(&machine, &ended, NEW, Some("a"), "with secrets");
    let mount = format!("--volume={}:/run/secrets:ro", secrets.display());
    let log = machine.read("log");
    for run in log.lines().filter(|line| line.starts_with("run ")) {
        assert!(run.contains(&mount), "{run}");
    }
}

#[test]
fn a_first_deployment_that_fails_leaves_nothing() {
    for behaviour in [
        "ready_after=never",
        "dies_after=2",
        "dies_in_place_after=2",
        "refuses='migration up'",
        "refuses=seed",
    ] {
        let machine = Machine::new();
        let ended = machine.deploy("a", behaviour);
        check(&machine, &ended, NOTHING, None, behaviour);
        assert!(
            machine.revisions().is_empty(),
            "{behaviour}: the image stays"
        );
    }
}

#[test]
fn the_next_version_replaces_the_one_before() {
    let machine = Machine::serving();
    let ended = machine.deploy("new", "ready_after=9");
    check(&machine, &ended, NEW, Some("new"), "next");
    assert!(
        !machine.read("log").contains("seed"),
        "only the first deployment seeds"
    );
    assert!(machine.read("events").contains("beside it: yes"));
}

#[test]
fn a_bad_version_leaves_the_old_one() {
    for behaviour in [
        "refuses='server config check'",
        "refuses='migration up'",
        "ready_after=never",
        "dies_after=0",
        "dies_after=2",
        "ready_after=2 dies_after=4",
        "dies_in_place_after=0",
        "dies_in_place_after=3",
        "ready_after=3 dies_in_place_after=6",
    ] {
        let machine = Machine::serving();
        for revision in ["bad", "worse"] {
            let ended = machine.deploy(revision, behaviour);
            check(&machine, &ended, OLD, Some("old"), behaviour);
            assert_eq!(machine.revisions(), ["old"], "{behaviour}");
            assert!(ended.said.contains("the old version serves"), "{ended:?}");
        }
        let ended = machine.deploy("good", "");
        check(&machine, &ended, NEW, Some("good"), behaviour);
        let ended = machine.script(&["rollback"]);
        check(&machine, &ended, NEW, Some("old"), behaviour);
    }
}

#[test]
fn a_full_disk_leaves_the_old_version() {
    let machine = Machine::serving();
    machine.set("disk_full", "");
    let ended = machine.deploy("new", "");
    check(&machine, &ended, OLD, Some("old"), "disk full");
}

/// If `rm` always fails a container is left over, which must not disturb the one that serves.
#[test]
fn a_command_that_always_fails_leaves_the_old_version() {
    for word in [
        "load", "run", "stop", "rename", "start", "inspect", "ps", "images", "image", "tag", "rm",
    ] {
        for late in [false, true] {
            let machine = Machine::serving();
            machine.set("fail_word", word);
            if late {
                machine.set("fail_late", "");
            }
            let ended = machine.deploy("new", "ready_after=2");
            let serves = machine.serves();
            let case = format!("{word}, late: {late}: {ended:?}\n{}", machine.read("log"));
            match ended.status {
                Some(NEW) => assert_eq!(serves.as_deref(), Some("new"), "{case}"),
                Some(OLD) => assert_eq!(serves.as_deref(), Some("old"), "{case}"),
                _ => panic!("{case}"),
            }
        }
    }
}

#[test]
fn one_command_that_fails_anywhere_leaves_the_old_version_or_the_new_one() {
    let good = "ready_after=2";
    let bad = "dies_in_place_after=3";
    for (behaviour, late) in [(good, false), (good, true), (bad, false)] {
        for call in 1..CALLS {
            let machine = Machine::serving();
            machine.set("fail_call", &call.to_string());
            if late {
                machine.set("fail_late", "");
            }
            let case = format!("call {call}, late: {late}, {behaviour}");
            if call > serves_after(&machine, behaviour, &case) {
                break;
            }
        }
    }
}

#[test]
fn a_release_that_is_interrupted_restores_the_old_version() {
    for (signal, step) in [("HUP", 7), ("INT", 7), ("TERM", 2)] {
        for call in (1..CALLS).step_by(step) {
            let machine = Machine::serving();
            machine.set("signal_call", &call.to_string());
            machine.set("signal", signal);
            let case = format!("{signal} at call {call}");
            if call > serves_after(&machine, "ready_after=2", &case) {
                break;
            }
        }
    }
}

/// `kill -9`, a machine that loses power: the next release begins where that one stopped.
#[test]
fn the_release_after_a_killed_one_keeps_what_served() {
    for call in 1..CALLS {
        let machine = Machine::serving();
        machine.set("signal_call", &call.to_string());
        machine.set("signal", "KILL");
        let killed = machine.deploy("new", "ready_after=2");
        machine.clear("signal_call");
        if killed.status.is_some() {
            assert!(
                machine.calls() < call || killed.status == Some(NEW),
                "{killed:?}"
            );
            break;
        }
        let ended = machine.deploy("bad", "ready_after=never");
        let serves = machine.serves().expect("something serves");
        assert!(serves == "old" || serves == "new", "{serves}");
        check(
            &machine,
            &ended,
            OLD,
            Some(&serves),
            &format!("killed at call {call}"),
        );
    }
}

#[test]
fn one_release_at_a_time() {
    let machine = Machine::serving();
    let env = machine.folder.path().join("env");
    let mut holder = Command::new("flock")
        .args([text(&env), "sh", "-c", "echo held; read end"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs flock");
    let mut line = String::new();
    let stdout = holder.stdout.as_mut().expect("has a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("reads");
    let ended = machine.deploy("new", "");
    drop(holder.stdin.take());
    holder.wait().expect("ends");
    assert!(
        ended.said.contains("another release is under way"),
        "{ended:?}"
    );
    check(&machine, &ended, OLD, Some("old"), "locked");
}

#[test]
fn three_images_are_kept_and_a_rollback_goes_to_any_of_them() {
    let machine = Machine::new();
    for revision in ["a", "b", "c", "d", "e"] {
        let ended = machine.deploy(revision, "");
        check(&machine, &ended, NEW, Some(revision), revision);
    }
    assert_eq!(machine.revisions(), ["c", "d", "e"]);
    for (arguments, expected) in [
        (vec!["rollback"], "d"),
        (vec!["rollback"], "e"),
        (vec!["rollback", "c"], "c"),
        (vec!["rollback"], "e"),
    ] {
        let ended = machine.script(&arguments);
        check(&machine, &ended, NEW, Some(expected), &arguments.join(" "));
    }
    for refused in ["a", "e"] {
        let ended = machine.script(&["rollback", refused]);
        check(&machine, &ended, OLD, Some("e"), refused);
    }
    assert_eq!(machine.revisions(), ["c", "d", "e"]);
    assert!(
        !machine
            .read("log")
            .lines()
            .any(|line| line.ends_with("migration down"))
    );
}

#[test]
fn a_rollback_to_a_version_that_does_not_become_ready_changes_nothing() {
    let machine = Machine::serving();
    let ended = machine.deploy("new", "");
    check(&machine, &ended, NEW, Some("new"), "new");
    machine.set("behaviour/sha256:old", "ready_after=never\n");
    let ended = machine.script(&["rollback"]);
    check(&machine, &ended, OLD, Some("new"), "rollback");
    assert_eq!(machine.revisions(), ["new", "old"]);
}

#[test]
fn another_build_of_the_revision_that_serves_keeps_its_name_only_if_it_serves() {
    let machine = Machine::serving();
    let env = machine.folder.path().join("env");
    let archive = machine.folder.path().join("again.tar");
    let id = || machine.docker(&["image", "inspect", "--format", "{{.Id}}", "hijrah:old"]);
    let before = id();
    for (behaviour, expected) in [("ready_after=never", OLD), ("ready_after=1", NEW)] {
        fs::write(&archive, format!("hijrah:old\nsha256:again\n{behaviour}\n")).expect("writes");
        let ended = machine.script(&[text(&archive), text(&env)]);
        assert_eq!(ended.status, Some(expected), "{ended:?}");
        assert_eq!(id() == before, expected == OLD, "{behaviour}");
    }
}

#[test]
fn an_image_named_latest_gets_a_revision() {
    let machine = Machine::serving();
    let archive = machine.folder.path().join("latest.tar");
    fs::write(&archive, "hijrah:latest\nsha256:0123456789abcdef\n").expect("writes");
    let env = machine.folder.path().join("env");
    let ended = machine.script(&[text(&archive), text(&env)]);
    assert_eq!(ended.status, Some(NEW), "{ended:?}");
    assert!(
        machine.revisions().contains(&"0123456789ab".to_owned()),
        "{:?}",
        machine.revisions()
    );
}

#[test]
fn a_missing_archive_or_environment_file_touches_nothing() {
    let machine = Machine::serving();
    let env = machine.folder.path().join("env");
    let ended = machine.script(&["/nowhere.tar", text(&env)]);
    check(&machine, &ended, OLD, Some("old"), "no archive");
    let archive = machine.archive("new", "");
    let ended = machine.script(&[text(&archive), "/nowhere.env"]);
    check(&machine, &ended, OLD, Some("old"), "no environment file");
    assert!(!archive.exists());
}
