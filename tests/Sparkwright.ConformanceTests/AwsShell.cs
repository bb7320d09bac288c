using System.Collections.Concurrent;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>A shell in which <c>sparkwright env</c> has been evaluated, and in which nobody's own settings of the aws CLI count.</summary>
internal static class AwsShell
{
    /// <summary>What <c>env</c> says of each platform, asked once.</summary>
    private static readonly ConcurrentDictionary<string, Task<Dictionary<string, string>>> Exports = new(StringComparer.Ordinal);

    /// <summary>The aws CLI of this machine; null where there is none.</summary>
    public static string? Program { get; } = Client.Find("aws");

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    public static void SkipWithoutAws() => Assert.SkipWhen(Program is null, "NOT TESTED: there is no aws CLI in the PATH");

    /// <summary>Runs a script of bash; what it writes to both of its outputs.</summary>
    /// <param name="folder">Where it runs; null for the repository's root.</param>
    /// <param name="programs">A folder in which programs are looked for behind the platform's own.</param>
    public static async Task<(int Code, string Output)> Run(RunningPlatform platform, string script, string? folder = null, string? programs = null)
    {
        var environment = new Dictionary<string, string>(await Exports.GetOrAdd(platform.DataDirectory, _ => ReadExports(platform)))
        {
            ["AWS_CONFIG_FILE"] = "/dev/null",
            ["AWS_PAGER"] = "",
            ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
        };
        environment["PATH"] = string.Join(Path.PathSeparator, new[] { environment["PATH"], programs, Environment.GetEnvironmentVariable("PATH") }.OfType<string>());
        return await Client.Run("bash", ["-c", $"unset AWS_SESSION_TOKEN AWS_PROFILE\ncd '{folder ?? Root}'\n{script}"], environment);
    }

    private static async Task<Dictionary<string, string>> ReadExports(RunningPlatform platform)
    {
        var (_, output) = await Client.Run("dotnet", [Path.Combine(AppContext.BaseDirectory, "sparkwright.dll"), "env", "--data-dir", platform.DataDirectory, "--output", "json"], []);
        return ((TreeMap)TreeJson.Parse(output)).Members().ToDictionary(one => one.Key, one => one.Value.Text!);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sparkwright.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the test does not run inside the repository");
    }
}
