using Sparkwright.World.Aws.Logs;

namespace Sparkwright.Tests.Aws.Logs;

public sealed class FilterPatternTests
{
    [Theory]
    //          pattern                       message                          matches
    [InlineData("", "anything", true)]
    [InlineData("ERROR", "[ERROR 400] BAD", true)]
    [InlineData("ERROR", "error", false)]
    [InlineData("ERROR BAD", "[ERROR 400] BAD", true)]
    [InlineData("ERROR GOOD", "[ERROR 400] BAD", false)]
    [InlineData("\"400] BAD\"", "[ERROR 400] BAD", true)]
    [InlineData("\"say \\\"no\\\"\"", "they say \"no\"", true)]
    [InlineData("?WARN ?ERROR", "[ERROR 400] BAD", true)]
    [InlineData("?WARN ?INFO", "[ERROR 400] BAD", false)]
    [InlineData("ERROR -BAD", "[ERROR 400] BAD", false)]
    [InlineData("ERROR -GOOD", "[ERROR 400] BAD", true)]
    [InlineData("-\"400]\"", "[ERROR 400] BAD", false)]
    [InlineData("ERROR ?WARN", "[ERROR 400] BAD", true)]
    [InlineData("{ $.a = 1 }", "{\"a\": 1}", true)]
    [InlineData("{ $.a = 1 }", "a = 1", false)]
    [InlineData("{ $.a = 1 }", "{broken", false)]
    [InlineData("{ $.a.b = \"x*\" }", "{\"a\": {\"b\": \"xyz\"}}", true)]
    [InlineData("{ $.a.b = \"*y*z\" }", "{\"a\": {\"b\": \"xyzz\"}}", true)]
    [InlineData("{ $.a.b = \"ab*ba\" }", "{\"a\": {\"b\": \"aba\"}}", false)]
    [InlineData("{ $.a != 1 }", "{\"a\": 2}", true)]
    [InlineData("{ $.a != 1 }", "{\"b\": 2}", false)]
    [InlineData("{ $.a >= 2 && $.a < 2.5 }", "{\"a\": 2}", true)]
    [InlineData("{ $.a > 2 || ($.b = x && $.c IS TRUE) }", "{\"a\": 2, \"b\": \"x\", \"c\": true}", true)]
    [InlineData("{ $.a > 2 || ($.b = x && $.c IS TRUE) }", "{\"a\": 2, \"b\": \"x\", \"c\": false}", false)]
    [InlineData("{ $.a[1].b = 2 }", "{\"a\": [0, {\"b\": 2}]}", true)]
    [InlineData("{ $.a NOT EXISTS }", "{\"b\": 2}", true)]
    [InlineData("{ $.a IS NULL }", "{\"a\": null}", true)]
    public void A_message_matches_or_not(string pattern, string message, bool matches)
    {
        var read = FilterPattern.Read(pattern, out var problem);
        Assert.Null(problem);
        Assert.Equal(matches, read!.Matches(message));
    }

    [Theory]
    [InlineData("foo-bar", "Invalid character(s) in term 'foo-bar'")]
    [InlineData("\"no end", "a quote has no end")]
    [InlineData("[a, b]", "does not simulate space-delimited patterns")]
    [InlineData("%a+%", "does not simulate regular expressions")]
    [InlineData("{ $.a }", "Invalid filter pattern")]
    [InlineData("{ $.a = 1", "ends with }")]
    [InlineData("{ ($.a = 1 }", "Invalid filter pattern")]
    [InlineData("{ $.a = 1 $.b }", "Invalid filter pattern")]
    [InlineData("{ $.a < x }", "Invalid filter pattern")]
    public void What_is_no_pattern_is_refused(string pattern, string why)
    {
        Assert.Null(FilterPattern.Read(pattern, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
    }
}
