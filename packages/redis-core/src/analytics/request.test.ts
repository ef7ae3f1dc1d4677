import { describe, expect, it } from "vitest";
import { describeRequest } from "./request.ts";

const iphone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
const chrome =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

describe("describeRequest", () => {
  it("names device and browser", () => {
    expect(describeRequest({ userAgent: iphone })).toMatchObject({ device: "mobile", browser: "Safari", isBot: false });
    expect(describeRequest({ userAgent: chrome })).toMatchObject({ device: "desktop", browser: "Chrome", isBot: false });
  });

  it.each(["", "  ", null, "curl/8.5.0", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"])(
    "takes the user agent %j for a bot's",
    (userAgent) => {
      expect(describeRequest({ userAgent }).isBot).toBe(true);
    },
  );

  it("believes the configured header, else the time zone, else nobody", () => {
    const headers = new Map([["cf-ipcountry", "de"], ["x-country", "FR"]]);
    const header = (name: string) => headers.get(name);
    const countryOf = (timeZone: string | null, countryHeader?: string) =>
      describeRequest({ timeZone, header }, countryHeader === undefined ? {} : { countryHeader }).country;
    expect(countryOf("Asia/Kathmandu", "CF-IPCountry")).toBe("DE");
    expect(countryOf("Asia/Kathmandu", "x-missing")).toBe("NP");
    expect(countryOf("Asia/Katmandu")).toBe("NP");
    expect(countryOf("US/Eastern")).toBe("US");
    headers.set("cf-ipcountry", "XX");
    expect(countryOf("Europe/Berlin", "cf-ipcountry")).toBe("DE");
    headers.set("cf-ipcountry", "<script>");
    for (const timeZone of [null, "", "UTC", "Nowhere/City", "__proto__", "constructor"]) {
      expect(countryOf(timeZone, "cf-ipcountry")).toBe("unknown");
    }
  });

  it("takes a referrer as its host, and the site's own as direct", () => {
    const referrerOf = (referrer: string | null) =>
      describeRequest({ referrer }, { ownHosts: ["www.Cardinal.example"] }).referrer;
    expect(referrerOf("https://www.news.example/a?b=c#d")).toBe("news.example");
    expect(referrerOf("https://cardinal.example/blog")).toBe("direct");
    for (const referrer of [null, "", "about:blank", "android-app://x", "javascript:alert(1)", "http://", "news"]) {
      expect(referrerOf(referrer)).toBe("direct");
    }
  });
});
