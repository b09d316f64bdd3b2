//! One server process: started on its own, found again by its process id, stopped by it.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::{files, process, progress};

/// A clean stop may hand over queues and leaderships first.
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);

/// Where a server's process id and output are, and how to recognise it.
#[derive(Debug)]
pub struct Server {
    /// For messages: "rabbitmq node 1".
    pub label: String,
    pub pid_file: PathBuf,
    pub log: PathBuf,
    /// All of these must stand in the command line of the process: ids are reused.
    pub marks: Vec<String>,
    /// Stopped only when all others are: they need it for a clean stop.
    pub outlives_others: bool,
}

impl Server {
    /// The process id, if that process runs and is this server.
    pub fn pid(&self) -> Option<u32> {
        let pid = fs::read_to_string(&self.pid_file).ok()?.trim().parse().ok()?;
        let command_line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        // Arguments are separated by zero bytes.
        let command_line = String::from_utf8_lossy(&command_line).replace('\0', " ");
        self.marks
            .iter()
            .all(|mark| command_line.contains(mark.as_str()))
            .then_some(pid)
    }

    /// Starts it with its output in the log, outliving this program and the terminal's Ctrl-C.
    pub fn start(&self, command: &mut Command) -> Outcome<Child> {
        if let Some(folder) = self.log.parent() {
            files::make_folder(folder)?;
        }
        let log = File::create(&self.log).map_err(|error| Failure::at("create", &self.log, &error))?;
        let errors = log
            .try_clone()
            .map_err(|error| Failure::at("open", &self.log, &error))?;
        command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(|error| Failure::new(format!("cannot start {}: {error}", self.label)))
    }

    /// Keeps the id of a server that does not write its own.
    pub fn keep_pid(&self, child: &Child) -> Outcome {
        files::write(&self.pid_file, child.id().to_string().as_bytes())
    }

    /// Waits for the end of a process that was asked to stop, and ends it by force when that takes too long.
    fn await_end(&self, pid: u32) -> Outcome {
        let started = Instant::now();
        while alive(pid) {
            if started.elapsed() > STOP_LIMIT {
                progress::note(&format!(
                    "{} (pid {pid}) ignores SIGTERM for {STOP_LIMIT:?}: SIGKILL",
                    self.label
                ));
                signal("KILL", pid)?;
                break;
            }
            std::thread::sleep(POLL);
        }
        self.forget();
        Ok(())
    }

    /// The end of its output, for a person to read.
    pub fn last_lines(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(25)..];
        format!("the end of {}:\n  {}", self.log.display(), last.join("\n  "))
    }

    fn forget(&self) {
        // A missing file is what we want.
        let _ = fs::remove_file(&self.pid_file);
    }
}

/// Stops servers that belong together; returns how many ran. All are asked at once: the last
/// node of a cluster that has lost its majority cannot stop cleanly.
pub fn stop(servers: &[Server]) -> Outcome<usize> {
    let mut stopped = 0;
    for outlives_others in [false, true] {
        let group = servers
            .iter()
            .filter(|server| server.outlives_others == outlives_others);
        let running: Vec<_> = group.filter_map(|server| Some((server, server.pid()?))).collect();
        for (_, pid) in &running {
            signal("TERM", *pid)?;
        }
        for (server, pid) in &running {
            server.await_end(*pid)?;
        }
        stopped += running.len();
    }
    Ok(stopped)
}

fn signal(name: &str, pid: u32) -> Outcome {
    process::run(Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", name, &pid.to_string()]))
}

/// Whether a process of this id does anything still; an unreaped one has no command line.
fn alive(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// Starts those that do not run yet, of brokers that listen at one address, which has to be free. Beside each server
/// stands the child that was started here.
pub fn start_missing(
    servers: &[Server],
    address: &str,
    command: impl Fn() -> Outcome<Command>,
) -> Outcome<Vec<Option<Child>>> {
    let start = |server: &Server| {
        if let Some(pid) = server.pid() {
            progress::note(&format!("{} runs already, pid {pid}", server.label));
            return Ok(None);
        }
        ensure_free(&server.label, address)?;
        let child = server.start(&mut command()?)?;
        server.keep_pid(&child)?;
        Ok(Some(child))
    };
    servers.iter().map(start).collect()
}

/// Waits until `ready` succeeds, while every child lives.
pub fn wait(
    servers: &[Server],
    children: &mut [Option<Child>],
    limit: Duration,
    mut ready: impl FnMut() -> Result<(), String>,
) -> Outcome {
    let started = Instant::now();
    loop {
        for (server, child) in servers.iter().zip(children.iter_mut()) {
            if let Some(status) = child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                return Err(Failure::new(format!(
                    "{} died ({status})\n{}",
                    server.label,
                    server.last_lines()
                )));
            }
        }
        let Err(reason) = ready() else { return Ok(()) };
        if started.elapsed() > limit {
            let logs: Vec<_> = servers.iter().map(Server::last_lines).collect();
            return Err(Failure::new(format!(
                "not ready after {limit:?}: {reason}\n{}",
                logs.join("\n")
            )));
        }
        std::thread::sleep(POLL);
    }
}

/// Fails with the purpose of the first port that something else listens on.
pub fn ensure_free(label: &str, address: &str) -> Outcome {
    match std::net::TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(format!(
            "{address}, meant for {label}, cannot be had: {error}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn server(folder: &Path, mark: &str) -> Server {
        Server {
            label: "a sleeper".into(),
            pid_file: folder.join("pid"),
            log: folder.join("log"),
            marks: vec![mark.into()],
            outlives_others: false,
        }
    }

    #[test]
    fn a_server_is_found_by_its_command_line_and_stopped() {
        let folder = std::env::temp_dir().join(format!("xtask-server-{}", std::process::id()));
        let sleeper = server(&folder, "sleep");
        let mut child = sleeper.start(Command::new("sleep").arg("60")).unwrap();
        sleeper.keep_pid(&child).unwrap();
        while sleeper.pid() != Some(child.id()) {
            std::thread::sleep(POLL);
        }
        assert_eq!(
            server(&folder, "another program").pid(),
            None,
            "an id that was reused is not ours"
        );
        let servers = [sleeper];
        assert_eq!(stop(&servers).unwrap(), 1);
        child.wait().unwrap();
        assert_eq!(stop(&servers).unwrap(), 0, "it is gone");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_child_that_dies_ends_the_wait_with_its_last_words() {
        let folder = std::env::temp_dir().join(format!("xtask-dying-{}", std::process::id()));
        let dying = server(&folder, "sh");
        let child = dying
            .start(Command::new("sh").args(["-c", "echo no room; exit 3"]))
            .unwrap();
        let never = || Err("still starting".to_owned());
        let failure = wait(&[dying], &mut [Some(child)], Duration::from_secs(5), never).unwrap_err();
        assert!(failure.to_string().contains("no room"), "{failure}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
