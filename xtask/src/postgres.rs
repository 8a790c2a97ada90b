//! A private PostgreSQL for tests: created in seconds, used by no other process, and removed with its creator.
//!
//! A small shell script, the watchdog, controls the cluster and reads from a pipe. When this process ends in any way
//! (return, panic, Ctrl-C, `kill -9`), the system closes the pipe, and the watchdog stops the cluster and removes its
//! folder. No code of this process has to run for that.

use std::error::Error;
use std::fs::{self, DirBuilder, Metadata};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, io};

/// The environment variable with the address of the PostgreSQL for tests, set by the user or for child processes.
pub const URL_VARIABLE: &str = "DOCKET_TEST_POSTGRES_URL";

const USER: &str = "docket";
const PORTS_TRIED_MAX: u32 = 8;
/// A socket's path is limited to 107 bytes; PostgreSQL adds about 20 to the path of the folder.
const FOLDER_BYTES_MAX: usize = 70;

/// Reads a port per line, starts the cluster on it and answers `ready` or `failed`; cleans up at the end of input.
/// Ignores Ctrl-C and similar signals: only the pipe determines when it ends.
const WATCHDOG: &str = r#"
trap '' INT TERM HUP PIPE
bin=$1 dir=$2 user=$3
cd "$dir" || exit 1
if "$bin/initdb" --pgdata="$dir/data" --auth=trust --username="$user" --encoding=UTF8 --locale=C.UTF-8 \
    >"$dir/log" 2>&1 && cat >>"$dir/data/postgresql.conf" 2>>"$dir/log" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 400
fsync = on
synchronous_commit = on
END
then echo ready; else echo failed; fi
while read -r port; do
    if "$bin/pg_ctl" start --pgdata="$dir/data" --log="$dir/log" --options="-p $port" --wait --timeout=60 \
        >>"$dir/log" 2>&1
    then echo ready; else echo failed; fi
done
if [ -f "$dir/data/postmaster.pid" ]; then
    read -r pid <"$dir/data/postmaster.pid"
    "$bin/pg_ctl" stop --pgdata="$dir/data" --mode=immediate --wait --timeout=20 >/dev/null 2>&1 ||
        kill -9 "$pid" 2>/dev/null
fi
cd /
rm -rf "$dir"
"#;

/// A PostgreSQL for tests. Dropping it stops and removes a private one.
pub struct Cluster {
    url: String,
    _watchdog: Option<Watchdog>,
}

impl Cluster {
    /// Uses the PostgreSQL that the environment names, otherwise creates a private one.
    pub fn start() -> Result<Self, Box<dyn Error>> {
        match named() {
            Some(url) => Ok(Self { url, _watchdog: None }),
            None => Self::start_private(),
        }
    }

    /// Creates a private cluster on a free port of the loopback address.
    pub fn start_private() -> Result<Self, Box<dyn Error>> {
        let bin = binaries().ok_or("PostgreSQL's initdb is neither under /usr/lib/postgresql nor in PATH")?;
        let mut watchdog = Watchdog::start(&bin)?;
        let port = watchdog.start_server()?;
        Ok(Self { url: format!("postgres://{USER}@127.0.0.1:{port}/postgres"), _watchdog: Some(watchdog) })
    }

    /// The address for tests.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The PostgreSQL that the user provides, if any.
pub fn named() -> Option<String> {
    env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
}

/// The folder of PostgreSQL's programs: Debian's newest version, otherwise the one in PATH.
pub fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file())
        .max()
        .map(|(_, bin)| bin);
    newest.or_else(|| {
        let path = env::var_os("PATH")?;
        env::split_paths(&path).find(|bin| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file())
    })
}

struct Watchdog {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Watchdog {
    fn start(bin: &Path) -> Result<Self, Box<dyn Error>> {
        let owner = Owner::choose()?;
        let folder = make_folder(&owner)?;
        let mut command = Command::new("sh");
        command.args(["-c", WATCHDOG, "docket-postgres"]).arg(bin).arg(&folder).arg(USER);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // The cluster's owner may have no access to the current folder.
        command.current_dir("/").process_group(0).env("LC_ALL", "C");
        if let Some((user, group)) = owner.other {
            command.uid(user).gid(group).env("HOME", &folder);
        }
        let mut shell = command.spawn()?;
        let orders = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().ok_or("the watchdog has no output")?);
        let mut watchdog = Self { shell, orders, answers, folder };
        if watchdog.is_ready()? { Ok(watchdog) } else { Err(watchdog.complain("make a PostgreSQL cluster")) }
    }

    /// Starts the server on a port that was free a moment ago, or on another one if that was taken in the meantime.
    fn start_server(&mut self) -> Result<u16, Box<dyn Error>> {
        for _ in 0..PORTS_TRIED_MAX {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            self.order(port)?;
            if self.is_ready()? {
                return Ok(port);
            }
            if !self.log().contains("Address already in use") {
                break;
            }
        }
        Err(self.complain("start PostgreSQL"))
    }

    fn order(&mut self, port: u16) -> io::Result<()> {
        self.orders.as_mut().map_or(Ok(()), |orders| writeln!(orders, "{port}"))
    }

    fn is_ready(&mut self) -> io::Result<bool> {
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(answer.trim() == "ready")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn complain(&self, what: &str) -> Box<dyn Error> {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n  ");
        format!("could not {what}; the last lines of its log:\n  {last}").into()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Err(why) = self.shell.wait() {
            eprintln!("could not wait for PostgreSQL to stop: {why}");
        }
    }
}

/// The owner of the cluster. PostgreSQL refuses to run as root, so for root another user owns it.
struct Owner {
    other: Option<(u32, u32)>,
}

impl Owner {
    fn choose() -> Result<Self, Box<dyn Error>> {
        if !am_root()? {
            return Ok(Self { other: None });
        }
        let users = fs::read_to_string("/etc/passwd")?;
        let other = ["postgres", "nobody"].iter().find_map(|name| user_and_group(&users, name));
        other.map(|ids| Self { other: Some(ids) }).ok_or_else(|| "there is no user 'postgres' or 'nobody'".into())
    }
}

fn user_and_group(users: &str, name: &str) -> Option<(u32, u32)> {
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

/// Whether this process runs as root.
pub fn am_root() -> io::Result<bool> {
    let id = Command::new("id").arg("-u").output()?;
    Ok(id.stdout.trim_ascii() == b"0")
}

/// A new empty folder that the cluster's owner can enter and that is short enough for a socket's path.
fn make_folder(owner: &Owner) -> Result<PathBuf, Box<dyn Error>> {
    let parents = [env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    let fits = |parent: &&PathBuf| {
        parent.as_os_str().len() < FOLDER_BYTES_MAX - 20 && (owner.other.is_none() || may_pass(parent))
    };
    let parent = parents.iter().find(fits).ok_or("no folder for temporary files is open to PostgreSQL's user")?;
    for attempt in 0..1000 {
        let folder = parent.join(format!("docket-pg-{}-{attempt}", process::id()));
        match DirBuilder::new().mode(0o755).create(&folder) {
            Ok(()) => {
                if let Some((user, group)) = owner.other {
                    chown(&folder, Some(user), Some(group))?;
                }
                return Ok(folder);
            }
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
            Err(why) => return Err(format!("make a folder in {}: {why}", parent.display()).into()),
        }
    }
    Err(format!("{} is full of folders of earlier clusters", parent.display()).into())
}

/// Whether any user may enter this folder and all its parents.
fn may_pass(folder: &Path) -> bool {
    let open = |metadata: Metadata| metadata.is_dir() && metadata.permissions().mode() & 0o001 != 0;
    folder.is_absolute() && folder.ancestors().all(|above| fs::metadata(above).is_ok_and(open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_users_ids_are_read_from_the_list_of_users() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:admin:/var/lib/postgresql:/bin/bash\n";

        assert_eq!(user_and_group(users, "postgres"), Some((101, 104)));
        assert_eq!(user_and_group(users, "nobody"), None);
    }

    #[test]
    fn a_folder_below_a_closed_one_is_not_open() {
        let closed = env::temp_dir().join(format!("docket-closed-{}", process::id()));
        let below = closed.join("below");
        fs::create_dir_all(&below).expect("a folder");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("closed");

        let (tmp, inside) = (may_pass(Path::new("/tmp")), may_pass(&below));

        fs::remove_dir_all(&closed).expect("removed");
        assert!(tmp);
        assert!(!inside);
    }

    #[test]
    fn a_private_cluster_listens_on_loopback_and_leaves_nothing_behind() {
        let Some(bin) = binaries() else {
            return crate::gate::count_as_skipped("PostgreSQL is not installed");
        };
        let mut watchdog = Watchdog::start(&bin).expect("a cluster");
        let port = watchdog.start_server().expect("a server");
        let folder = watchdog.folder.clone();
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());

        drop(watchdog);

        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        assert!(!folder.exists());
    }

    #[test]
    fn a_cluster_finds_another_port_when_the_first_is_taken() {
        let Some(bin) = binaries() else {
            return crate::gate::count_as_skipped("PostgreSQL is not installed");
        };
        let mut watchdog = Watchdog::start(&bin).expect("a cluster");
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        watchdog.order(taken.local_addr().expect("its address").port()).expect("an order");
        assert!(!watchdog.is_ready().expect("an answer"));

        let port = watchdog.start_server().expect("a server");

        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    }
}
