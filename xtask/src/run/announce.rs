//! The greeting: waits until the server answers, then prints its address and what to try.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use std::{env, fs};

use super::credentials::Credentials;
use crate::{Fallible, clock};

const SAMPLE: &str = "docs/guide/inquiry-completed.json";
const PATIENCE: Duration = Duration::from_mins(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Prints the greeting once the server with the given process id is ready. Ends without output if that server ends.
pub fn announce(arguments: &[String]) -> Fallible<ExitCode> {
    let [server, address, data, docket] = arguments else {
        return Err("announce is only for `cargo xtask run`".into());
    };
    let address = reachable(address.parse()?);
    let begun = clock::now();
    while !is_ready(address).unwrap_or(false) {
        if !lives(server)? {
            return Ok(ExitCode::FAILURE);
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("Docket does not answer on http://{address}/readyz yet; its log is above").into());
        }
        clock::pause(BETWEEN_LOOKS);
    }
    let credentials = Credentials::load(Path::new(data))?;
    let text = greeting(address, &short(Path::new(data)), &short(Path::new(docket)), credentials.as_ref());
    // The output may have been closed since; that is not an error.
    writeln!(io::stdout(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

/// The address for calls from this machine if a server listens on all addresses.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn is_ready(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    Ok(status.split(' ').nth(1) == Some("200"))
}

fn lives(process: &str) -> io::Result<bool> {
    let mut question = Command::new("sh");
    question.args(["-c", "kill -0 \"$1\"", "sh", process]).stderr(Stdio::null());
    Ok(question.status()?.success())
}

/// A path as a user would type it here.
fn short(path: &Path) -> String {
    let here = env::current_dir().and_then(fs::canonicalize).unwrap_or_else(|_| PathBuf::from("/"));
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    match whole.strip_prefix(here) {
        Ok(below) => format!("./{}", below.display()),
        Err(_) => whole.display().to_string(),
    }
}

fn greeting(address: SocketAddr, data: &str, docket: &str, credentials: Option<&Credentials>) -> String {
    let Some(Credentials { email, password, sandbox_key: Some(key) }) = credentials else {
        return format!(
            "\nDocket is ready: http://{address}\n\
             {data} was not set up by `make run`: sign in with an account of its own.\n\
             Ctrl-C stops it.\n"
        );
    };
    let get = format!("curl -sg -H 'Authorization: Bearer {key}' 'http://{address}/api/v1");
    format!(
        "
Docket is ready: http://{address}

  e-mail       {email}
  password     {password}
  sandbox key  {key}
  (also in {data}/credentials)

Three commands to try in another terminal:

1. Post a vendor's webhook, as if an inquiry had just been completed.
   {docket} ingest send {SAMPLE} --source sample-vendor --data {data} --url http://{address}
   Expect: which ids are new, then 200 and \"received\":\"recorded\".

2. See the case that the workflow 'Review matches' opened for it.
   {get}/cases?page[size]=1&fields[case]=name,status,tags,creator-type'
   Expect: \"status\":\"Pending\",\"name\":\"KYC-…\",\"creator-type\":\"workflow-run\",\"tags\":[\"list match\"].

3. See what happened to the newest case, and why.
   CASE=$({get}/cases?page[size]=1' | grep -o 'case_[0-9a-z]*' | head -n 1)
   {get}/events?filter[object-id]='$CASE
   Expect three events, the newest first: case.status-updated from Open to Pending, case.updated-tags, case.created.
   The context of each names the run and its step: set_pending, tag_case, create_case.

docs/guide/getting-started.md goes on from here.

Ctrl-C stops Docket; `make run` starts it again on the same data; `make fresh` starts over.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;
    use std::thread;

    fn server_that_answers(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a caller");
            // Reads the whole request: closing a socket with unread data resets the connection and loses the response.
            let mut read = Vec::new();
            while !read.ends_with(b"\r\n\r\n") {
                let mut some = [0; 1024];
                let count = stream.read(&mut some).expect("a request");
                read.extend_from_slice(&some[..count]);
            }
            stream.write_all(answer.as_bytes()).expect("answered");
        });
        address
    }

    #[test]
    fn a_server_is_ready_when_it_answers_200() {
        assert!(is_ready(server_that_answers("HTTP/1.1 200 OK\r\n\r\n")).expect("an answer"));
        assert!(!is_ready(server_that_answers("HTTP/1.1 503 Service Unavailable\r\n\r\n200")).expect("an answer"));
    }

    #[test]
    fn a_server_that_listens_on_all_addresses_is_called_on_loopback() {
        assert_eq!(reachable("0.0.0.0:8080".parse().expect("one")).to_string(), "127.0.0.1:8080");
        assert_eq!(reachable("[::]:8080".parse().expect("one")).to_string(), "[::1]:8080");
        assert_eq!(reachable("192.0.2.1:80".parse().expect("one")).to_string(), "192.0.2.1:80");
    }

    #[test]
    fn the_greeting_contains_everything_to_sign_in_and_call() {
        let credentials =
            Credentials { email: "ada@lumen.example".into(), password: "pass".into(), sandbox_key: Some("key".into()) };

        let text = greeting("127.0.0.1:8080".parse().expect("one"), "./d", "./docket", Some(&credentials));

        for part in ["http://127.0.0.1:8080", "ada@lumen.example", "pass", "Bearer key", "./docket ingest send"] {
            assert!(text.contains(part), "{part} is missing from {text}");
        }
        assert!(!text.contains("in place of"), "the output can be pasted without changes: {text}");
    }

    #[test]
    fn a_folder_from_elsewhere_is_greeted_without_a_password() {
        let text = greeting("127.0.0.1:8080".parse().expect("one"), "./d", "./docket", None);

        assert!(text.contains("an account of its own"));
    }

    #[test]
    fn an_ended_process_is_detected() {
        let mut child = Command::new("true").spawn().expect("a process");
        let id = child.id().to_string();
        child.wait().expect("it ends");

        assert!(!lives(&id).expect("an answer"));
        assert!(lives(&std::process::id().to_string()).expect("an answer"));
    }
}
