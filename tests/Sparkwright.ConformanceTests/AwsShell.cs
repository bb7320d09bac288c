using System.Collections.Concurrent;
using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>A shell in which <c>sparkwright env</c> has been evaluated, and in which nobody's own settings of the aws CLI count.</summary>
internal static class AwsShell
{
    /// <summary>What <c>env</c> says of each platform, asked once.</summary>
    private static readonly ConcurrentDictionary<string, Task<IEnumerable<KeyValuePair<string, string>>>> Exports = new(StringComparer.Ordinal);

    /// <summary>The aws CLI of this machine; null where there is none.</summary>
    public static string? Program { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "aws")).FirstOrDefault(File.Exists);

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    public static void SkipWithoutAws() => Assert.SkipWhen(Program is null, "NOT TESTED: there is no aws CLI in the PATH");

    /// <summary>Runs a script of bash; what it writes to both of its outputs.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="programs">A folder in which programs are looked for behind the platform's own.</param>
    public static async Task<(int Code, string Output)> Run(RunningPlatform platform, string script, string? folder = null, string? programs = null)
    {
        var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Root };
        foreach (var (name, value) in await Exports.GetOrAdd(platform.DataDirectory, _ => ReadExports(platform)))
        {
            start.Environment[name] = name == "PATH"
                ? string.Join(Path.PathSeparator, new[] { value, programs, Environment.GetEnvironmentVariable("PATH") }.OfType<string>())
                : value;
        }

        start.Environment.Remove("AWS_SESSION_TOKEN");
        start.Environment.Remove("AWS_PROFILE");
        start.Environment["AWS_CONFIG_FILE"] = start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
        start.Environment["AWS_PAGER"] = "";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static async Task<IEnumerable<KeyValuePair<string, string>>> ReadExports(RunningPlatform platform)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sparkwright.dll"), "env", "--data-dir", platform.DataDirectory, "--output", "json"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var exports = (TreeMap)TreeJson.Parse(await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        return [.. exports.Members().Select(one => KeyValuePair.Create(one.Key, one.Value.Text!))];
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
