//! The credentials for the Docket that `make run` creates: a file that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::Fallible;

/// Letters and digits that are easy to distinguish.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
const GROUPS: usize = 5;
const GROUP_LETTERS: usize = 5;

/// The password of a person, and the sandbox key of a program.
#[derive(Debug, PartialEq, Eq)]
pub struct Credentials {
    pub email: String,
    pub password: String,
    /// Set once the setup is complete.
    pub sandbox_key: Option<String>,
}

impl Credentials {
    /// Creates a password of 125 random bits that is easy to read aloud.
    pub fn make() -> Fallible<Self> {
        let mut random = [0; GROUPS * GROUP_LETTERS];
        File::open("/dev/urandom")?.read_exact(&mut random)?;
        Ok(Self { email: "ada@lumen.example".into(), password: readable(&random), sandbox_key: None })
    }

    /// The path of the file.
    pub fn file(data: &Path) -> PathBuf {
        data.join("credentials")
    }

    /// Reads the credentials that an earlier start saved, if any.
    pub fn load(data: &Path) -> Fallible<Option<Self>> {
        match fs::read_to_string(Self::file(data)) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
            Err(why) => Err(format!("read {}: {why}", Self::file(data).display()).into()),
        }
    }

    /// Writes a new file and moves it into place; it is never readable by other users.
    pub fn save(&self, data: &Path) -> Fallible<()> {
        let draft = data.join("credentials.new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(self.render().as_bytes())?;
        Ok(fs::rename(draft, Self::file(data))?)
    }

    fn render(&self) -> String {
        let key = self.sandbox_key.as_ref().map_or_else(String::new, |key| format!("sandbox key: {key}\n"));
        format!("e-mail: {}\npassword: {}\n{key}", self.email, self.password)
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let line = text.lines().filter_map(|line| line.split_once(": ")).find(|(key, _)| *key == name);
            line.map(|(_, value)| value.trim().to_owned())
        };
        Some(Self { email: value("e-mail")?, password: value("password")?, sandbox_key: value("sandbox key") })
    }
}

fn readable(random: &[u8]) -> String {
    let letters: Vec<char> = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    letters.chunks(GROUP_LETTERS).map(String::from_iter).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_password_is_five_groups_of_five() {
        assert_eq!(readable(&[0, 1, 2, 31, 255, 32]), "abc99-a");
        assert_eq!(Credentials::make().expect("credentials").password.len(), 29);
    }

    #[test]
    fn no_two_passwords_are_the_same() {
        assert_ne!(Credentials::make().expect("credentials"), Credentials::make().expect("credentials"));
    }

    #[test]
    fn saved_credentials_are_read_back() {
        let begun = Credentials::make().expect("credentials");
        let whole = Credentials { sandbox_key: Some("docket_sandbox_1".into()), ..Credentials::make().expect("more") };

        assert_eq!(Credentials::parse(&begun.render()), Some(begun));
        assert_eq!(Credentials::parse(&whole.render()), Some(whole));
    }

    #[test]
    fn only_the_owner_may_read_the_file() {
        let data = std::env::temp_dir().join(format!("docket-credentials-{}", std::process::id()));
        fs::create_dir_all(&data).expect("a folder");
        Credentials::make().expect("credentials").save(&data).expect("saved");

        let mode = fs::metadata(Credentials::file(&data)).expect("a file").permissions().mode();

        fs::remove_dir_all(&data).expect("removed");
        assert_eq!(mode & 0o777, 0o600);
    }
}
