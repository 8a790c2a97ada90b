//! The file in the data folder by which commands find the server that holds it: where it is, and the token by which it
//! knows them. Whoever may read it may read the database beside it too.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const FILE: &str = "server.json";

/// What the file says of a server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct There {
    /// Where the API is.
    pub url: String,
    /// Where it takes the operator's orders.
    pub operator_url: String,
    /// What an order has to show.
    pub token: String,
    /// Its process.
    pub process: u32,
}

/// The file, for as long as the server lives.
#[derive(Debug)]
pub struct Presence(PathBuf);

impl Presence {
    /// Writes the file, readable by nobody else at any moment.
    pub fn announce(folder: &Path, there: &There) -> Result<Self, Failure> {
        let (file, draft) = (folder.join(FILE), folder.join("server.json.new"));
        let written = || -> std::io::Result<()> {
            let mut open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            open.write_all(&serde_json::to_vec_pretty(there)?)?;
            fs::rename(&draft, &file)
        };
        written().map_err(|error| Failure::new(format_args!("can't write {}: {error}", file.display())))?;
        Ok(Self(file))
    }

    /// Reads what the server of a folder says of itself.
    pub fn read(folder: &Path) -> Result<There, Failure> {
        let file = folder.join(FILE);
        let text = fs::read(&file).map_err(|error| Failure::new(format_args!("{}: {error}", file.display())))?;
        serde_json::from_slice(&text).map_err(|error| Failure::new(format_args!("{}: {error}", file.display())))
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
