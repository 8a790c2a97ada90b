//! The files of an open database, and the check that they are still the files that the next process would open. A file
//! that is deleted or replaced while a process uses it accepts changes until that process ends, and then they are lost.

use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::EngineError;

/// The identity of a file regardless of its name: device and inode number.
type Identity = (u64, u64);

/// The files as they were opened.
#[derive(Debug)]
pub(crate) struct DataFiles {
    opened: Vec<(PathBuf, Identity)>,
    /// The lock file that this process holds, if any.
    lock: Option<PathBuf>,
    is_gone: AtomicBool,
}

fn identity(path: &Path) -> std::io::Result<Identity> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// The file name only: callers see it, and must not see the path of the data folder.
fn name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

impl DataFiles {
    /// The open database file and its log, and the lock of the data folder, under their current names.
    pub fn of(file: &Path, lock: Option<&Path>) -> Result<Self, EngineError> {
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        let paths = [Some(file), Some(Path::new(&log)), lock];
        let opened = paths.into_iter().flatten().map(|path| Ok((path.to_owned(), identity(path)?)));
        let opened: std::io::Result<Vec<_>> = opened.collect();
        let opened = opened.map_err(|error| EngineError::Failed(error.to_string()))?;
        Ok(Self { opened, lock: lock.map(Path::to_owned), is_gone: AtomicBool::new(false) })
    }

    /// Checks the files. Logs once when they are gone, and once when they are back.
    pub fn check(&self) -> Result<(), EngineError> {
        let gone = self.opened.iter().find_map(|(path, opened)| match identity(path) {
            Ok(found) if found == *opened => None,
            Ok(_) => Some((path, format!("{} was replaced", name(path)))),
            Err(error) => Some((path, format!("{} is not there ({error})", name(path)))),
        });
        let Some((path, gone)) = gone else {
            if self.is_gone.load(Ordering::Relaxed) && self.is_gone.swap(false, Ordering::Relaxed) {
                tracing::info!("the files of the database are back; changes are taken again");
            }
            return Ok(());
        };
        let words = format!(
            "{gone} while docket runs, so changes would be lost; put the file back, or stop docket, restore the data \
             folder and start it again"
        );
        if !self.is_gone.swap(true, Ordering::Relaxed) {
            tracing::error!(reason = words, path = %path.display(), "no changes are taken");
        }
        Err(EngineError::Gone(words))
    }

    /// Checks the files, and that the data folder can be written. Opens the lock file for this: opening and closing the
    /// database file would release the locks that SQLite holds on it.
    pub fn check_writable(&self) -> Result<(), EngineError> {
        self.check()?;
        let Some(lock) = &self.lock else { return Ok(()) };
        match OpenOptions::new().write(true).open(lock) {
            Ok(_) => Ok(()),
            Err(error) => Err(EngineError::Failed(format!("{} can't be written: {error}", name(lock)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_or_replaced_file_is_gone_until_it_is_back() {
        let folder = std::env::temp_dir().join(format!("docket_files_{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["file", "file-wal", "lock"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let files = DataFiles::of(&folder.join("file"), Some(&folder.join("lock"))).unwrap();
        files.check_writable().unwrap();

        for name in ["file", "file-wal", "lock"] {
            let (there, aside) = (folder.join(name), folder.join("aside"));
            fs::rename(&there, &aside).unwrap();
            assert!(files.check().unwrap_err().to_string().contains("is not there"), "{name}");
            fs::copy(&aside, &there).unwrap();
            let replaced = files.check().unwrap_err();
            assert!(
                matches!(&replaced, EngineError::Gone(words) if words.contains("was replaced")),
                "{name}: {replaced}"
            );
            fs::rename(&aside, &there).unwrap();
            files.check().unwrap();
        }
        fs::remove_dir_all(&folder).unwrap();
        files.check_writable().unwrap_err();
    }
}
