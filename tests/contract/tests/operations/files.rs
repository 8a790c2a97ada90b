//! Files on cases: what is sent comes back, whole and in parts.

use serde_json::json;

use crate::things::{case, template};
use crate::world::{Call, attributes, on_each_engine};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_several_chunks_comes_back_byte_for_byte_and_in_parts() {
    on_each_engine(async |world| {
        use base64::Engine as _;
        const CHUNK: usize = docket_cases::CHUNK_BYTES;
        let id = case(&world, &template(&world).await).await.id();
        let mut pdf = b"%PDF-1.4".to_vec();
        pdf.extend((0..2 * CHUNK).map(|place| u8::try_from(place % 251).expect("a byte")));
        let data = base64::engine::general_purpose::STANDARD.encode(&pdf);
        let body = attributes(json!({"attachments": [{"filename": "a.pdf", "data": data}]}));

        let with_it = world.patch(&format!("/cases/{id}"), body).await.expect(200);

        let url = with_it.text("/data/attributes/attachments/0/url");
        let url = url.strip_prefix("/api/v1").expect("of ours");
        let whole = world.get(url).await.expect(200);
        assert!(whole.bytes == pdf, "other bytes came back");
        assert_eq!(whole.header("content-length"), pdf.len().to_string());
        assert_eq!(whole.header("etag"), format!("\"{}\"", docket_kernel::sha256_hex(&pdf)));
        let ranges =
            [(0, 0), (CHUNK - 1, CHUNK), (CHUNK, 2 * CHUNK - 1), (5, 2 * CHUNK + 7), (2 * CHUNK + 7, 9 * CHUNK)];
        for (first, last) in ranges {
            let part = world.call(Call::get(url).with("range", &format!("bytes={first}-{last}"))).await.expect(206);
            let end = (last + 1).min(pdf.len());
            assert!(part.bytes == pdf[first..end], "{first}-{last}");
            assert_eq!(part.header("content-range"), format!("bytes {first}-{}/{}", end - 1, pdf.len()));
        }
        let beyond = world.call(Call::get(url).with("range", &format!("bytes={}-", pdf.len()))).await.expect(416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{}", pdf.len()));
        world.is_in_order().await;
    })
    .await;
}
