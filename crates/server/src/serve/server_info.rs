//! The file in the data folder by which commands find the server that holds it: its address, and the token that
//! commands must send. A user who can read this file can read the database beside it too.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const FILE: &str = "server.json";

/// The content of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The URL of the API.
    pub url: String,
    /// The URL for the operator's orders.
    pub operator_url: String,
    /// The token that an order must carry.
    pub token: String,
    /// The server's process id.
    pub process: u32,
}

/// The file, which exists as long as the server runs.
#[derive(Debug)]
pub struct ServerInfoFile(PathBuf);

impl ServerInfoFile {
    /// Writes the file. At no time can another user read it.
    pub fn announce(folder: &Path, there: &ServerInfo) -> Result<Self, Failure> {
        let (file, draft) = (folder.join(FILE), folder.join("server.json.new"));
        let written = || -> std::io::Result<()> {
            let mut open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            open.write_all(&serde_json::to_vec_pretty(there)?)?;
            fs::rename(&draft, &file)
        };
        written().map_err(|error| Failure::new(format_args!("can't write {}: {error}", file.display())))?;
        Ok(Self(file))
    }

    /// Reads the file of a folder's server.
    pub fn read(folder: &Path) -> Result<ServerInfo, Failure> {
        let file = folder.join(FILE);
        let text = fs::read(&file).map_err(|error| Failure::new(format_args!("{}: {error}", file.display())))?;
        serde_json::from_slice(&text).map_err(|error| Failure::new(format_args!("{}: {error}", file.display())))
    }
}

impl Drop for ServerInfoFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
