//! The listen address: loopback, unless another address is given.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use crate::Fallible;

const USUAL: &str = "127.0.0.1:8080";
const PORTS_TRIED_MAX: u16 = 100;

/// Whether other machines may connect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Others {
    KeptOut,
    LetIn,
}

impl Others {
    /// Parses the variable; the server parses it in the same way.
    pub fn said(variable: Option<&str>) -> Self {
        let is_no = |word: &str| ["", "0", "n", "no", "f", "false", "off"].contains(&word.to_lowercase().as_str());
        if variable.is_none_or(is_no) { Self::KeptOut } else { Self::LetIn }
    }
}

/// Returns the requested address, or reports and returns the next free port if that one is in use.
pub fn choose(asked: Option<String>, others: Others) -> Fallible<SocketAddr> {
    let asked = asked.filter(|asked| !asked.is_empty()).unwrap_or_else(|| USUAL.to_owned());
    let wanted: SocketAddr = asked
        .parse()
        .map_err(|_| format!("DOCKET_LISTEN is '{asked}', which is not an address with a port, such as {USUAL}"))?;
    if !wanted.ip().is_loopback() {
        if others == Others::KeptOut {
            return Err(format!(
                "DOCKET_LISTEN asks for {wanted}, which others on the network can reach, and Docket speaks HTTP without \
                 TLS: listen on 127.0.0.1, or say that it is meant with DOCKET_ALLOW_REMOTE=1"
            )
            .into());
        }
        println!(
            "CAREFUL: DOCKET_LISTEN asks for {wanted}. Others on the network can reach it, and without TLS in front \
             they can read passwords and keys on the way."
        );
    }
    let chosen = first_free(wanted)?;
    if wanted.port() != 0 && chosen != wanted {
        println!("Port {} is in use by another program; taking {} instead.", wanted.port(), chosen.port());
    }
    Ok(chosen)
}

fn first_free(wanted: SocketAddr) -> Fallible<SocketAddr> {
    for port in wanted.port()..=wanted.port().saturating_add(PORTS_TRIED_MAX) {
        match TcpListener::bind(SocketAddr::new(wanted.ip(), port)) {
            Ok(listener) => return Ok(listener.local_addr()?),
            Err(why) if why.kind() == ErrorKind::AddrInUse => {}
            Err(why) => return Err(format!("listen on {wanted}: {why}").into()),
        }
    }
    Err(format!("the {PORTS_TRIED_MAX} ports from {wanted} on are all in use").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_replaced_by_a_later_one() {
        let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
        let wanted = busy.local_addr().expect("its address");

        let chosen = choose(Some(wanted.to_string()), Others::KeptOut).expect("another port");

        assert!(chosen.port() > wanted.port());
        assert!(chosen.ip().is_loopback());
    }

    #[test]
    fn an_address_that_others_can_reach_needs_confirmation() {
        let wanted = Some("0.0.0.0:0".to_owned());

        let why = choose(wanted.clone(), Others::said(Some("false"))).expect_err("refused");

        assert!(why.to_string().contains("DOCKET_ALLOW_REMOTE=1"));
        assert!(choose(wanted, Others::said(Some("1"))).is_ok());
        assert_eq!((Others::said(None), Others::said(Some(""))), (Others::KeptOut, Others::KeptOut));
    }

    #[test]
    fn an_address_without_a_port_is_refused_with_an_example() {
        let why = choose(Some("localhost".into()), Others::KeptOut).expect_err("no address");

        assert!(why.to_string().contains("such as 127.0.0.1:8080"));
    }
}
