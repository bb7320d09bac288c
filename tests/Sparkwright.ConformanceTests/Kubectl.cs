using System.Diagnostics;

namespace Sparkwright.ConformanceTests;

/// <summary>
/// The real kubectl in every version there is: the one named by KUBECTL, the first of the PATH, and those that lie beside it as
/// <c>kubectl.1.NN</c>.
/// </summary>
internal static class Kubectl
{
    /// <summary>The programs, each once; empty where there is none.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    public static async Task<(int Code, string Output)> Run(string program, string kubeconfig, IEnumerable<string> arguments, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["KUBECONFIG"] = kubeconfig;

        // An editor that changes nothing, as kubectl starts one.
        start.Environment["KUBE_EDITOR"] = "true";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static List<string> Find()
    {
        var named = Environment.GetEnvironmentVariable("KUBECTL");
        var first = named is { Length: > 0 } ? named : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);
        if (first is null)
        {
            return [];
        }

        // A dispatcher chooses by the server's version; its versions lie beside what its link points to.
        var real = File.ResolveLinkTarget(first, returnFinalTarget: true)?.FullName ?? first;
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl")).Where(File.Exists)
            .Select(found => File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found);
        var versions = path.Append(real).Select(program => Path.GetDirectoryName(program)!).Distinct(StringComparer.Ordinal)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "kubectl.1.*")).Where(program => program != first).DistinctBy(Path.GetFileName).Order(StringComparer.Ordinal);
        return [first, .. versions];
    }
}
