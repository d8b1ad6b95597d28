//! A transport that breaks without a word leaves its session waiting for the client.

use super::*;

/// A client whose WebSocket broke after it had been heard.
fn lost() -> Script {
    let mut script = Script::websocket();
    script.frame("2::").link_lost();
    script
}

#[test]
fn what_is_sent_meanwhile_goes_out_in_order_on_whichever_transport_comes() {
    type Come = fn(&mut Script) -> &mut Script;
    let comes: [Come; 3] = [
        |script| script.link(),
        |script| script.poll(),
        |script| script.post(&["2::"]).due(CLOSE_TIMEOUT).poll(),
    ];
    for come in comes {
        let mut script = lost();
        script.due(SESSION_EXPIRY).emit(&text("", "a")).emit(&text("", "b"));
        script.wait(SESSION_EXPIRY - 1).closed(None);
        come(&mut script).sends(&["3:::a", "3:::b"]).closed(None);
    }
}

#[test]
fn a_client_that_does_not_come_back_is_gone_with_the_expiry() {
    let mut script = lost();
    script.due(SESSION_EXPIRY).wait(SESSION_EXPIRY - 1).closed(None);
    script.wait(1).tells(&["left / TransportError"]).closed(CloseReason::TransportError).due(None);
}

#[test]
fn the_expiry_counts_anew_from_each_loss_and_not_while_a_transport_is_there() {
    let mut script = lost();
    script.wait(SESSION_EXPIRY - 1).link().due(HEARTBEAT_INTERVAL).frame("2::");
    script.wait(HEARTBEAT_INTERVAL - 1).link_lost().due(SESSION_EXPIRY);
    script.wait(SESSION_EXPIRY - 1).poll().due(POLLING_TIMEOUT);
}

#[test]
fn endpoints_and_awaited_acknowledgements_outlive_the_transport() {
    let mut script = Script::websocket();
    script.join("/chat").ask(1, &text("/chat", "a")).sends(&["3:1:/chat:a"]);
    script.link_lost().due(ACK_TIMEOUT).link().frame("6::/chat:1");
    script.tells(&["acknowledged 1 []"]).frame("3::/chat:b").tells(&["event /chat message text b"]);
}

#[test]
fn a_volatile_emission_does_not_wait_for_the_client_to_come_back() {
    let mut script = lost();
    script.emit_volatile(&text("", "a")).link();
}

#[test]
fn a_client_that_never_spoke_is_greeted_again() {
    let mut script = Script::websocket();
    script.link_lost().emit(&text("", "a")).link().sends(&["1::", "3:::a"]);
}

#[test]
fn a_client_that_is_to_leave_hears_it_if_it_comes_back() {
    let mut script = lost();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]).closed(None);
    script.due(SESSION_EXPIRY).link().sends(&["0::"]).closed(CloseReason::ServerDisconnect);

    let mut script = lost();
    script.close(CloseReason::ServerDisconnect).tells(&["left / ServerDisconnect"]);
    script.wait(SESSION_EXPIRY).closed(CloseReason::ServerDisconnect);
}

#[test]
fn a_transport_lost_on_the_way_out_ends_the_session() {
    let mut script = Script::websocket();
    script.input(|session, now| {
        session.close(CloseReason::ServerDisconnect, now);
        session.handle_link_lost(now);
    });
    script.tells(&["left / ServerDisconnect"]).closed(CloseReason::ServerDisconnect);
}

#[test]
fn a_transport_that_was_replaced_is_not_lost() {
    let mut script = Script::websocket();
    script.frame("2::").poll().link_lost().closed(None).due(POLLING_TIMEOUT);
}

#[test]
fn the_expiry_is_rounded_up_to_whole_check_intervals() {
    for (expiry, interval, end) in [(30, 15, 30), (31, 15, 45), (5, 15, 15), (30, 0, 30)] {
        let [session_expiry, session_check_interval] = [expiry, interval].map(Duration::from_secs);
        let limits = Limits { session_expiry, session_check_interval, ..Limits::default() };
        Script::with(limits).due(end);
    }
}
