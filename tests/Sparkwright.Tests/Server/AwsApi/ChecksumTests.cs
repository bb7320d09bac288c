using Sparkwright.Server.AwsApi;

namespace Sparkwright.Tests.Server.AwsApi;

/// <summary>The check values are those of the catalogues of CRCs and of the hashes' own standards: the sums of the nine digits.</summary>
public sealed class ChecksumTests
{
    [Theory]
    //          name                       of "123456789", in hexadecimal
    [InlineData("CRC32", "CBF43926")]
    [InlineData("crc32c", "E3069283")]
    [InlineData("CRC64NVME", "AE8B14860A799888")]
    [InlineData("SHA1", "F7C3BC1D808E04732ADF679965CCC34CA7AE3441")]
    [InlineData("x-amz-checksum-sha256", "15E2B0D3C33891EBB0F1EF609EC419420C20E320CE94C65FBC8C3312448EB225")]
    public void The_check_value_is_met_in_one_piece_and_in_two(string name, string value)
    {
        Assert.Equal(value, Sum(name, "123456789"));
        Assert.Equal(value, Sum(name, "1234", "56789"));
    }

    [Theory]
    [InlineData("CRC32", "x-amz-checksum-crc32")]
    [InlineData("X-Amz-Checksum-Crc64nvme", "x-amz-checksum-crc64nvme")]
    [InlineData("MD5", null)]
    [InlineData("x-amz-checksum-type", null)]
    public void A_checksum_is_known_by_its_header_or_algorithm(string name, string? header)
    {
        using var checksum = Checksum.Of(name);
        Assert.Equal(header, checksum?.Header);
    }

    private static string Sum(string name, params string[] pieces)
    {
        using var checksum = Checksum.Of(name)!;
        foreach (var piece in pieces)
        {
            checksum.Add(System.Text.Encoding.ASCII.GetBytes(piece));
        }

        return Convert.ToHexString(Convert.FromBase64String(checksum.Value()));
    }
}
