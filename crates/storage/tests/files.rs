//! Files that were stored as hexadecimal text: their state after the migrations.

use docket_kernel::{hex, sha256_hex};
use docket_storage::Database;
use docket_testkit::{FreshDatabase, On, engines};

/// The last schema that stores a file in one row.
const BEFORE: i64 = 13;

#[tokio::test]
async fn existing_files_are_split_into_chunks_and_keep_their_bytes() {
    const CHUNK: usize = 256 << 10;
    for engine in engines() {
        let fresh = FreshDatabase::at_schema(engine, BEFORE).await;
        let bytes =
            |length: usize| (0..length).map(|place| u8::try_from(place * 7 % 251).unwrap()).collect::<Vec<u8>>();
        let lengths = [("file_1", 3), ("file_2", CHUNK), ("file_3", CHUNK + 1), ("file_4", 2 * CHUNK + 9)];
        for (id, length) in lengths {
            let content = hex(&bytes(length));
            fresh
                .run(&format!(
                    "INSERT INTO file_content (id, environment_id, object_id, filename, content_type, byte_size, content, \
                     created_at) VALUES ('{id}', 'env_1', 'case_1', 'a.pdf', 'application/pdf', {length}, '{content}', 5)"
                ))
                .await;
        }

        Database::migrate(&fresh.place()).await.unwrap();

        let digits = if engine == On::Sqlite { "lower(hex(content))" } else { "encode(content, 'hex')" };
        for (id, length) in lengths {
            let query = format!("SELECT {digits} FROM file_chunk WHERE file_id = '{id}' ORDER BY id");
            let chunks = fresh.read(&query).await;
            assert_eq!(chunks.len(), length.div_ceil(CHUNK), "{engine} {id}");
            assert!(chunks.iter().rev().skip(1).all(|chunk| chunk.len() == 2 * CHUNK), "{engine} {id}");
            assert!(chunks.concat() == hex(&bytes(length)), "{engine} {id}: other bytes");
            let row = format!("SELECT chunks || ' ' || byte_size || ' ' || digest FROM file_content WHERE id = '{id}'");
            let wanted = format!("{} {length} {}", chunks.len(), sha256_hex(&bytes(length)));
            assert_eq!(fresh.read(&row).await, [wanted], "{engine} {id}");
        }
        assert_eq!(fresh.read("SELECT id FROM file_chunk ORDER BY id LIMIT 1").await, ["file_1/00000"], "{engine}");
        assert_eq!(fresh.count("SELECT count(*) FROM file_content WHERE staged_until > 0").await, 0, "{engine}");
    }
}
