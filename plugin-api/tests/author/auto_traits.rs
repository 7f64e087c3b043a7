//! The auto traits of the public types, which the listing of the public API doesn't show.

use tw_plugin_api::{
    Arg, Auth, Batch, BatchOutcome, Candidate, Column, Command, Document, Download, Entry, Error,
    ErrorKind, Folders, Form, Group, Host, Http, Input, Log, Node, NodeValue, Output, Pages,
    Plugin, Process, Progress, Prompt, Record, Request, Response, Rows, Secret, Sections, Service,
    Size, Source, Status, Stdout, Stream, Table, Terminal, Time, User, Values, Workspace,
};

fn assert_thread_safe<T: Send + Sync + Unpin>() {}

macro_rules! assert_all {
    ($($type:ty)*) => { $(assert_thread_safe::<$type>();)* };
}

#[test]
fn threads_can_share_all_public_types() {
    assert_all! {
        Arg Auth<'_> Batch<'_> BatchOutcome Candidate Column Command Document Download<'_> Entry
        Error ErrorKind Folders Form Group Host Http<'_> Input<'_> Log<'_> Node NodeValue Output
        Pages<'_, String> Plugin Process<'_> Progress<'_> Prompt<'_> Record Request<'_> Response
        Rows<'_> Secret Sections Service Size Source Status Stdout<'_> Stream<'_> Table Terminal
        Time User Values Workspace
    }
}
