using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Authentication;

/// <summary>The RSA key with which a cluster signs its service accounts' tokens (RS256); the same claims always give the same token.</summary>
public sealed class SigningKey
{
    private const int Bits = 2048;

    /// <summary>A fresh object works with them each time, as one alone may not be used by several threads.</summary>
    private readonly RSAParameters parameters;

    private SigningKey(RSA key)
    {
        parameters = key.ExportParameters(includePrivateParameters: true);
        Id = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>The <c>kid</c>: a hash of the public key, as the API server makes it.</summary>
    public string Id { get; }

    public static SigningKey Create()
    {
        using var key = RSA.Create(Bits);
        return new SigningKey(key);
    }

    /// <param name="pkcs8">The private key as <see cref="Export"/> gave it.</param>
    public static SigningKey Import(ReadOnlySpan<byte> pkcs8)
    {
        using var key = RSA.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return new SigningKey(key);
    }

    public byte[] Export()
    {
        using var key = RSA.Create(parameters);
        return key.ExportPkcs8PrivateKey();
    }

    /// <summary>A JSON Web Token of some claims.</summary>
    public string Sign(TreeMap claims)
    {
        var head = $"{Encode(TreeMap.Of(("alg", "RS256"), ("kid", Id)))}.{Encode(claims)}";
        using var key = RSA.Create(parameters);
        return $"{head}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(head), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>The claims of a token that this key has signed; null of any other.</summary>
    public TreeMap? Verify(string token)
    {
        if (token.Split('.') is not [var head, var body, var signature]
            || Decode(head) is not { } header || header["alg"]?.Text != "RS256" || header["kid"]?.Text != Id
            || !Base64Url.IsValid(signature))
        {
            return null;
        }

        using var key = RSA.Create(parameters);
        return key.VerifyData(
            Encoding.ASCII.GetBytes($"{head}.{body}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ? Decode(body)
            : null;
    }

    /// <summary>The public key as a JSON Web Key Set.</summary>
    public TreeMap ToKeySet() => TreeMap.Of(("keys", TreeList.Of(TreeMap.Of(
        ("alg", "RS256"),
        ("e", Base64Url.EncodeToString(parameters.Exponent)),
        ("kid", Id),
        ("kty", "RSA"),
        ("n", Base64Url.EncodeToString(parameters.Modulus)),
        ("use", "sig")))));

    private static string Encode(TreeMap part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToString()));

    private static TreeMap? Decode(string part)
    {
        try
        {
            return Base64Url.IsValid(part) ? TreeJson.Parse(Base64Url.DecodeFromChars(part)) as TreeMap : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
