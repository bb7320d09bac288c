namespace Sparkwright.ConformanceTests;

/// <summary>CloudWatch Logs through the real aws CLI.</summary>
public sealed class AwsLogsTests
{
    [Fact]
    public async Task What_is_logged_is_found_again_after_a_crash()
    {
        AwsShell.SkipWithoutAws();
        await using var platform = new RunningPlatform { Options = ["--blueprint", "none"] };
        await platform.InitializeAsync();
        Assert.Equal("/app\t7\tops\n0\n", await Said(platform, """
            aws logs create-log-group --log-group-name /app --tags team=ops
            aws logs put-retention-policy --log-group-name /app --retention-in-days 7
            aws logs create-log-stream --log-group-name /app --log-stream-name web/1
            now=$(date +%s)
            aws logs put-log-events --log-group-name /app --log-stream-name web/1 --log-events "[{\"timestamp\": ${now}000, \"message\": \"INFO fine\"}, {\"timestamp\": ${now}001, \"message\": \"{\\\"level\\\":\\\"ERROR\\\",\\\"code\\\":500}\"}]" > /dev/null
            arn=$(aws logs describe-log-groups --log-group-name-prefix /app --query 'logGroups[0].logGroupArn' --output text)
            echo "$(aws logs describe-log-groups --query 'logGroups[0].[logGroupName, retentionInDays]' --output text)	$(aws logs list-tags-for-resource --resource-arn $arn --query tags.team --output text)"
            aws logs describe-log-streams --log-group-name /app --order-by LastEventTime --descending --query 'logStreams[0].storedBytes' --output text
            """));
        await platform.Kill();
        await platform.Start();
        Assert.Equal("INFO fine\nweb/1\nINFO fine\t{\"level\":\"ERROR\",\"code\":500}\n{\"level\":\"ERROR\",\"code\":500}\n", await Said(platform, """
            aws logs filter-log-events --log-group-name /app --filter-pattern INFO --query 'events[].message' --output text
            aws logs filter-log-events --log-group-name /app --filter-pattern '{ $.code >= 500 }' --query 'events[].logStreamName' --output text
            aws logs get-log-events --log-group-name /app --log-stream-name web/1 --query 'events[].message' --output text
            aws logs get-log-events --log-group-name /app --log-stream-name web/1 --limit 1 --query 'events[].message' --output text
            """));
        Assert.Equal("(ResourceNotFoundException) (InvalidParameterException) (ResourceAlreadyExistsException) ", await Said(platform, """
            for call in "get-log-events --log-group-name /none --log-stream-name x" "put-retention-policy --log-group-name /app --retention-in-days 2" "create-log-group --log-group-name /app"; do
                aws logs $call 2>&1 | grep -o '([A-Za-z]*Exception)' | tr '\n' ' '
            done
            """));
    }

    private static async Task<string> Said(RunningPlatform platform, string script)
    {
        var (code, output) = await AwsShell.Run(platform, "set -e\n" + script);
        Assert.True(code == 0, output);
        return output;
    }
}
