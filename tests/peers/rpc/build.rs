//! Generates what the peers' own tools generate: ttrpc's messages, tonic's client and server, and capnp's, if it is asked for.

fn main() {
    protobuf_codegen::Codegen::new()
        .pure()
        .include("schema")
        .input("schema/bench.proto")
        .cargo_out_dir("ttrpc_messages")
        .run_from_script();

    let method = |name: &str, route: &str, input: &str, output: &str| {
        tonic_build::manual::Method::builder()
            .name(name)
            .route_name(route)
            .input_type(format!("crate::rows::tonic::{input}"))
            .output_type(format!("crate::rows::tonic::{output}"))
            .codec_path("tonic_prost::ProstCodec")
            .build()
    };
    let service = tonic_build::manual::Service::builder()
        .name("Bench")
        .package("bench")
        .method(method("add_grade", "AddGrade", "AddGrade", "Added"))
        .method(method("echo", "Echo", "Blob", "Blob"))
        .build();
    tonic_build::manual::Builder::new().compile(&[service]);

    #[cfg(feature = "capnp")]
    capnpc::CompilerCommand::new()
        .src_prefix("schema")
        .file("schema/bench.capnp")
        .default_parent_module(vec!["rows".to_owned(), "capnp".to_owned()])
        .run()
        .expect("the capnp compiler");
    println!("cargo::rerun-if-changed=schema");
}
