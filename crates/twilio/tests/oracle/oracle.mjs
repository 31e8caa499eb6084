// Answers questions with Twilio's own package. One JSON question on stdin, one JSON answer on stdout.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import twilio from "twilio";

const jsonwebtoken = createRequire(import.meta.resolve("twilio"))("jsonwebtoken");
const { jwt, getExpectedTwilioSignature, validateRequest, validateRequestWithBody, twiml } = twilio;

/** The parameters as a web framework hands them to Twilio's package: repeated keys become arrays. */
function toParams(pairs) {
  const params = Object.create(null);
  for (const [key, value] of pairs) {
    params[key] = key in params ? [].concat(params[key], value) : value;
  }
  return params;
}

const questions = {
  sign: ({ token, cases }) => cases.map(({ url, pairs }) => getExpectedTwilioSignature(token, url, toParams(pairs))),
  validate: ({ token, cases }) =>
    cases.map(({ url, pairs, signature }) => validateRequest(token, signature, url, toParams(pairs))),
  validateBody: ({ token, cases }) =>
    cases.map(({ url, body, signature }) => validateRequestWithBody(token, signature, url, body)),
  respond: ({ texts }) => texts.map(respond),
  accessToken: ({ accountSid, keySid, secret, identity, ttl, applicationSid }) => {
    const token = new jwt.AccessToken(accountSid, keySid, secret, { identity, ttl });
    token.addGrant(new jwt.AccessToken.VoiceGrant({ incomingAllow: true, outgoingApplicationSid: applicationSid }));
    return token.toJwt();
  },
  // The library of its own that Twilio's package signs with; it checks signature, `nbf` and `exp`.
  readToken: ({ token, secret, now }) => {
    const read = { algorithms: ["HS256"], complete: true, clockTimestamp: now };
    try {
      return jsonwebtoken.verify(token, secret, read);
    } catch (error) {
      return { refused: error.name };
    }
  },
};

/** One response with every verb, full of `text`. */
function respond(text) {
  const response = new twiml.VoiceResponse();
  const dial = response.dial({
    answerOnBridge: true,
    timeout: 15,
    action: text,
    method: "POST",
    callerId: text,
    record: "record-from-answer-dual",
    recordingStatusCallback: text,
    recordingStatusCallbackMethod: "POST",
  });
  const client = dial.client({
    statusCallback: text,
    statusCallbackMethod: "POST",
    statusCallbackEvent: "initiated ringing answered completed",
  });
  client.identity(text);
  client.parameter({ name: "call_id", value: text });
  dial.number(
    { statusCallback: text, statusCallbackMethod: "POST", statusCallbackEvent: "answered completed" },
    text,
  );
  response.say({ language: "en-GB" }, text);
  response.say(text);
  response.play({ loop: 3 }, text);
  response.pause({ length: 10 });
  response.record({
    action: text,
    method: "POST",
    maxLength: 120,
    playBeep: true,
    timeout: 0,
    finishOnKey: "#",
    recordingStatusCallback: text,
    recordingStatusCallbackMethod: "POST",
  });
  response.redirect({ method: "POST" }, text);
  response.hangup();
  return response.toString();
}

const question = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(questions[question.ask](question)));
